/**
 * Splits TypeScript (or JavaScript) source into the tokens that matter for finding imports. Owns nothing else: it does not
 * know the grammar, only where comments, strings, templates and regular expressions begin and end, so that an `import`
 * inside one of them is never taken for a real one.
 */

const wordStart = /[\p{ID_Start}$_#]/u;
const wordPart = /[\p{ID_Continue}$]/u;
const beforeRegex = new Set(
  'return typeof case in of delete void throw new do else instanceof yield await default extends'.split(' '),
);
const conditionOpeners = new Set(['if', 'while', 'for', 'with']);

/**
 * Tokens of a source text, each `{ type, value, line }` with type `word`, `string`, `template`, `number`, `regex` or `mark`.
 * A template with substitutions has value null; the code inside its `${}` follows as tokens. Never throws: an
 * unfinished string or expression ends with its line, so that damage stays local.
 */
export const tokenize = (text) => {
  const tokens = [];
  const parens = [];
  const braces = [];
  let at = 0;
  let line = 1;
  let regexAfterParen = false;

  const push = (type, value, startLine = line) => tokens.push({ type, value, line: startLine });

  const skipTo = (end) => {
    for (; at < end && at < text.length; at++) if (text[at] === '\n') line++;
  };

  const readQuoted = (quote) => {
    const startLine = line;
    let value = '';
    at++;
    while (at < text.length && text[at] !== quote && text[at] !== '\n') {
      if (text[at] === '\\') at++;
      if (text[at] === '\n') line++;
      value += text[at++] ?? '';
    }
    if (text[at] === quote) at++;
    push('string', value, startLine);
  };

  /** Reads template text up to its end or its next `${`; `whole` is false once a substitution has been seen. */
  const readTemplate = (whole) => {
    const startLine = line;
    let value = '';
    at++;
    while (at < text.length) {
      if (text[at] === '`') {
        at++;
        push('template', whole ? value : null, startLine);
        return;
      }
      if (text[at] === '$' && text[at + 1] === '{') {
        at += 2;
        braces.push('template');
        push('mark', '${', startLine);
        return;
      }
      if (text[at] === '\\') value += text[at++];
      if (text[at] === '\n') line++;
      value += text[at++] ?? '';
    }
  };

  const readRegex = () => {
    let inClass = false;
    const start = at++;
    while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
      if (text[at] === '\\') at++;
      else if (text[at] === '[') inClass = true;
      else if (text[at] === ']') inClass = false;
      at++;
    }
    at++;
    while (wordPart.test(text[at] ?? '')) at++;
    push('regex', text.slice(start, at));
  };

  const regexMayStart = () => {
    const last = tokens.at(-1);
    if (last === undefined) return true;
    if (last.type === 'word') return beforeRegex.has(last.value);
    if (last.type !== 'mark') return false;
    if (last.value === ')') return regexAfterParen;
    if (last.value === '<') return text[at - 1] !== '<'; // the end of a JSX element
    if (last.value === '}') return last.line < line;
    return last.value !== ']';
  };

  const readMark = (char) => {
    const last = tokens.at(-1);
    if (char === '(') parens.push(last?.type === 'word' && conditionOpeners.has(last.value));
    if (char === ')') regexAfterParen = parens.pop() ?? false;
    if (char === '{') braces.push('block');
    if (char === '}' && braces.pop() === 'template') {
      push('mark', '}');
      readTemplate(false);
      return;
    }
    push('mark', char);
    at++;
  };

  while (at < text.length) {
    const char = text[at];
    if (char === '\n') {
      line++;
      at++;
    } else if (/\s/.test(char)) at++;
    else if (text.startsWith('//', at) || (at === 0 && text.startsWith('#!'))) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      skipTo(end === -1 ? text.length : end + 2);
    } else if (char === "'" || char === '"') readQuoted(char);
    else if (char === '`') readTemplate(true);
    else if (char === '/' && regexMayStart()) readRegex();
    else if (wordStart.test(char)) {
      const start = at++;
      while (at < text.length && wordPart.test(text[at])) at++;
      push('word', text.slice(start, at));
    } else if (/\d/.test(char)) {
      const start = at++;
      while (at < text.length && /[\w.]/.test(text[at])) at++;
      push('number', text.slice(start, at));
    } else readMark(char);
  }
  return tokens;
};
