export function planJobs(): { aside: string[][]; alone: string[][] };
