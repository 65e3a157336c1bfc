export const longFiles: string[];
export const aloneFiles: string[];
