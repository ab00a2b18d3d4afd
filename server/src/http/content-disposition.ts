// Owns what browsers are told to do with a file: whether to show it or only to keep it, and under which name (RFC 6266, RFC 8187).

/** What browsers show without running anything in it. Never HTML or SVG, which are programs, nor PDF, which may be. */
const SHOWN: ReadonlySet<string> = new Set([
  'image/png',
  'image/apng',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'audio/ogg',
]);

export const isShownInline = (type: string): boolean => SHOWN.has(type);

/** `name`: of whole characters. Nothing of it can end the header, or its value: the plain form holds letters of ASCII alone, the other is percent-encoded. */
export const contentDisposition = (disposition: 'inline' | 'attachment', name: string): string => {
  const plain = name.replace(/[^\w .,()+=@-]/g, '_');
  const whole = encodeURIComponent(name).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${disposition}; filename="${plain}"; filename*=UTF-8''${whole}`;
};
