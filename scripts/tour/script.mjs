// Reads what the two people say to each other.
import { readFile } from 'node:fs/promises';

const MAX_TEXT = 8_000;

/**
 * Lines of a text file, in order, each with its speaker: 0 or 1. "Name: text" names one; the first two names are the two
 * people, whoever else speaks, or a line without a name, takes turns. Lines too long for a message are cut into several.
 */
export const readScript = async (file) => {
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/).map((line) => line.trim());
  const names = [];
  const said = [];
  let turn = 1;
  for (const line of lines.filter((each) => each !== '')) {
    const [, name, rest] = /^([\p{L}\p{N}_-]{2,20}):\s+(.+)$/u.exec(line) ?? [];
    if (name !== undefined && !names.includes(name) && names.length < 2) names.push(name);
    const known = name === undefined ? -1 : names.indexOf(name);
    turn = known >= 0 ? known : 1 - turn;
    const text = known >= 0 ? rest : line;
    for (const piece of pieces(text)) said.push({ speaker: turn, text: piece });
  }
  return { names: [names[0] ?? 'Ada', names[1] ?? 'Bob'], lines: said };
};

const pieces = (text) => {
  const characters = [...text];
  const count = Math.ceil(characters.length / (MAX_TEXT / 2));
  return Array.from({ length: count }, (_, index) =>
    characters.slice((index * MAX_TEXT) / 2, ((index + 1) * MAX_TEXT) / 2).join(''),
  ).filter((piece) => piece.trim() !== '');
};
