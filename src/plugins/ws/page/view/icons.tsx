// The page's few pictures, as strokes on a 16 px grid. They are decoration: what they mean is in the label of the button.
const paths = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14",
  filter: "M2 3.5h12M4.5 8h7M6.5 12.5h3",
  wrap: "M2 3.5h12M2 8h9.5a2.25 2.25 0 0 1 0 4.5H8M10 10.5l-2 2 2 2M2 12.5h3",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6",
  download: "M8 2v8M4.8 7.2 8 10.4l3.2-3.2M2.5 13.5h11",
  link: "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2A2.6 2.6 0 1 0 9 3.3l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 1 0 7 12.7l.8-.8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  close: "m3.5 3.5 9 9M12.5 3.5l-9 9",
  back: "M10 3 5 8l5 5",
  plus: "M8 3v10M3 8h10",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M3 13l1.1-1.1M11.9 4.1 13 3",
  moon: "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z",
  auto: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 4.5h4.3M8 8h6M8 11.5h4.3",
  help: "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM6.2 6.3A1.9 1.9 0 0 1 8 5c1 0 1.9.7 1.9 1.7C9.900 8 8 8 8 9.300M8 11.300v.1",
  stop: "M4 4h8v8H4z",
  again: "M13 8a5 5 0 1 1-1.6-3.700M13 2v3h-3",
  down: "M8 2.500v10.500M3.800 8.800 8 13l4.200-4.200",
  up: "M8 13.500V3M3.800 7.200 8 3l4.200 4.200",
  json: "M6 2.500c-2 0-2 1-2 2.500s-.5 3-2 3c1.500 0 2 1.500 2 3s0 2.500 2 2.500M10 2.500c2 0 2 1 2 2.500s.5 3 2 3c-1.500 0-2 1.500-2 3s0 2.500-2 2.500",
  fold: "M2 8h12M5 2.500 8 5.200l3-2.700M5 13.500l3-2.700 3 2.700",
  merge: "M3 3c0 4 5 3 5 7v3.500M13 3c0 4-5 3-5 7",
  columns: "M2.500 3h11v10h-11zM8 3v10",
  chart: "M2.500 13.500v-4M5.500 13.500v-8M8.500 13.500V8M11.500 13.500v-11M14 13.500H2",
  list: "M5.500 4H14M5.500 8H14M5.500 12H14M2 4h.5M2 8h.5M2 12h.5",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
