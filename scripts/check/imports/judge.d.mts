export declare const judge: (
  sources: ReadonlyMap<string, string>,
) => { file: string; line: number; rule: string; message: string }[];
