declare module 'unicode-confusables' {
  /** Every character that looks like another replaced by the one it is confused with most. */
  export const rectifyConfusion: (text: string) => string;
}
