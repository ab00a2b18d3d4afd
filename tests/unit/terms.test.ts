import { rangesOf, termsOf, wordsSought } from '@parley/server/internal/platform/terms';
import { expect } from 'chai';

/** As an index finds it: each word begins a term. */
const finds = (text: string, sought: string): boolean => {
  const terms = termsOf([text], 1_000);
  const words = wordsSought(sought);
  return words.length > 0 && words.every((word) => terms.some((term) => term.startsWith(word)));
};

describe('terms', () => {
  it('are found by the beginnings of words, in any order, letter case and encoding aside', () => {
    const text = 'Repair the Ｂridge’s  ÉCLAIRAGE, version 2.10 (snake_case; e-mail bob@example.com)';
    for (const sought of [
      'rep',
      'bridge rep',
      'e\u0301clair',
      'ÉCL',
      '2.10',
      '10',
      'case snake',
      'snake_c',
      'mail',
      'e-mail',
      'example',
      'bob@example.com',
      'BRIDGE’S',
    ])
      expect(finds(text, sought), sought).to.equal(true);
    for (const sought of ['epair', 'ridge', 'repairs', 'rep xylo', 'eclair']) {
      expect(finds(text, sought), sought).to.equal(false);
    }
  });

  it('are found in every script', () => {
    for (const [text, ...all] of [
      ['Починить мост через реку', 'мост', 'ПОЧ рек'],
      ['Επισκευή της γέφυρας', 'γέφ', 'ΕΠΙΣ'],
      ['إصلاح الجسر', 'الجس', 'إصلاح'],
      ['תיקון הגשר', 'הגש'],
      ['पुल की मरम्मत', 'मरम्', 'पुल'],
      ['다리를 고치다', '다리', '고치'],
      ['修理大桥的灯', '大桥', '桥', '修理大桥的灯', '修理 灯', '理大桥的'],
      ['東京都庁のプロジェクト', '京都', 'プロジ', '東京', 'ジェクト', '都庁のプロ', 'ﾌﾟﾛｼﾞｪｸﾄ'],
      ['ซ่อมสะพานข้ามแม่น้ำ', 'สะพาน', 'แม่น้ำ', 'ซ่อม', 'ซ่อมสะพานข้าม'],
      ['iPhone15を買う', 'iphone', 'を買', 'iPhone15を', '買う'],
      ['𐐷𐐲 𠮷野家', '𐐷', '𠮷', '野家'],
      ['Launch 🚀 day 👩‍🚀', '🚀', 'launch 🚀', '👩'],
    ] as const)
      for (const sought of all) expect(finds(text, sought), `${sought} in ${text}`).to.equal(true);
    expect(finds('東京都庁', '京東')).to.equal(false);
    expect(finds('修理大桥的灯', '大灯')).to.equal(false);
  });

  it('are the same with and without marks that nobody sees', () => {
    expect(finds('می\u200cخواهم', 'میخواهم')).to.equal(true);
    expect(finds('میخواهم', 'می\u200cخواهم')).to.equal(true);
    expect(finds('Donau\u00addampf', 'donaudampf')).to.equal(true);
    expect(finds('bri\u200bdge', 'bridge')).to.equal(true);
  });

  it('are bounded: of a row, of a word, of what is looked for; nothing sought is no words', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `word${index}`).join(' ');
    expect(termsOf(['title', many], 100))
      .to.have.length(100)
      .and.to.include('title');
    expect(termsOf(['同じ字'.repeat(5_000)], 50)).to.have.length.at.most(50);
    expect(termsOf(['same same SAME'], 9)).to.deep.equal(['same']);
    const long = 'x'.repeat(20_000);
    expect(termsOf([long], 9)[0]?.length).to.be.below(100);
    expect(finds(long, long), 'so long a word is found by its beginning').to.equal(true);
    expect(wordsSought(many)).to.have.length.at.most(8);
    expect(wordsSought('東京'.repeat(100))).to.have.length.at.most(8);
    expect(wordsSought('a bbb cc')).to.deep.equal(['bbb', 'cc', 'a']);
    for (const nothing of ['', '  ', '!?', '--- ( ) ***', '\u200b\ufe0f'])
      expect(wordsSought(nothing), JSON.stringify(nothing)).to.deep.equal([]);
  });

  it('hold nothing that means something in a pattern', () => {
    const terms = termsOf(['a.*b (c|d) [e] ^f$ \\g {1} h+ i? "j" \u0000k'], 100);
    for (const term of terms) expect(term).to.match(/^[\p{L}\p{N}]+$/u);
  });

  it('tell letters of writing without spaces apart up to a point, and are found up to there', () => {
    const text = `${'あ'.repeat(499)}川山`;
    expect(finds(text, 'あ川')).to.equal(true);
    expect(finds(text, '山')).to.equal(false);
    expect(finds(`${text} word`, 'word')).to.equal(true);
  });
});

describe('ranges of what is sought', () => {
  const cut = (text: string, sought: string): string[] =>
    rangesOf(text, wordsSought(sought)).map(({ start, end }) => text.slice(start, end));

  it('are whole words, as they are written, in order', () => {
    expect(cut('The Ｂridges, and the BRIDGE’s éclairage', 'bridge ecl')).to.deep.equal([
      'Ｂridges',
      'BRIDGE',
    ]);
    expect(cut('The e\u0301clair by the sea', 'écl sea')).to.deep.equal(['e\u0301clair', 'sea']);
    expect(cut('می\u200cخواهم', 'میخواهم')).to.deep.equal(['می\u200cخواهم']);
    expect(cut('nothing of it', 'xylo')).to.deep.equal([]);
  });

  it('are just what is meant, where nothing parts the words', () => {
    expect(cut('明日は東京都庁へ行く', '東京都庁へ')).to.deep.equal(['東京都庁へ']);
    expect(cut('東京と京都', '京')).to.deep.equal(['京', '京']);
    expect(cut('iPhone15を買う', 'iphone15 買')).to.deep.equal(['iPhone15', '買']);
  });

  it('are bounded, and each is told once', () => {
    expect(cut('a b '.repeat(500), 'a')).to.have.length(100);
    expect(cut('aa ab', 'a aa')).to.deep.equal(['aa', 'ab']);
  });
});
