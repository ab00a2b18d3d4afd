export declare const scan: (text: string) => {
  imports: { specifier: string; line: number; typeOnly: boolean; names: string[] }[];
  starExports: number[];
  environmentReads: number[];
};
