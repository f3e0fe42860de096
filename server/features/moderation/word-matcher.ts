/** A word of the list where it stands in a text, in UTF-16 units; `end` is exclusive. */
export type Match = { word: string; start: number; end: number };

export type WordMatcher = { matchesIn(text: string): Iterable<Match> };

/**
 * Finds all words of a list in one pass over a text, by their UTF-16 units (Aho and Corasick, 1975): a text costs its length, however many
 * words there are. What of the automaton no text has needed yet is not worked out, so a list of 30,000 units is made in some ms.
 */
export function createWordMatcher(words: Iterable<string>): WordMatcher {
  /** From a node with a unit to the next one. Node 0 is the beginning; each other one stands for the beginning of some word. */
  const nextOf = new Map<number, number>();
  const [parents, units, wordsAt, fallbacks, shorterWords] = [[0], [0], [''], [0], [0]];
  for (const word of words) add(word);

  return {
    *matchesIn(text) {
      let node = 0;
      for (let at = 0; at < text.length; at += 1) {
        node = step(node, text.charCodeAt(at));
        for (let ending = node; ending !== 0; ending = shorterWordOf(ending)) {
          const word = wordsAt[ending]!;
          if (word !== '') yield { word, start: at + 1 - word.length, end: at + 1 };
        }
      }
    },
  };

  function add(word: string): void {
    let node = 0;
    for (let at = 0; at < word.length; at += 1) {
      const unit = word.charCodeAt(at);
      node = nextOf.get(keyOf(node, unit)) ?? addNode(node, unit);
    }
    wordsAt[node] = word;
  }

  function addNode(parent: number, unit: number): number {
    const node = parents.push(parent) - 1;
    units.push(unit);
    wordsAt.push('');
    fallbacks.push(unknown);
    shorterWords.push(unknown);
    nextOf.set(keyOf(parent, unit), node);
    return node;
  }

  /** The longest beginning of a word that ends with this unit and, before it, with what `node` stands for. */
  function step(node: number, unit: number): number {
    for (let from = node; ; from = fallbackOf(from)) {
      const next = nextOf.get(keyOf(from, unit));
      if (next !== undefined) return next;
      if (from === 0) return 0;
    }
  }

  /** The longest beginning of a word that what `node` stands for ends with, itself aside. */
  function fallbackOf(node: number): number {
    if (fallbacks[node] === unknown) {
      const parent = parents[node]!;
      fallbacks[node] = parent === 0 ? 0 : step(fallbackOf(parent), units[node]!);
    }
    return fallbacks[node]!;
  }

  /** The longest whole word that what `node` stands for ends with, itself aside; 0 when there is none. */
  function shorterWordOf(node: number): number {
    if (shorterWords[node] === unknown) {
      const fallback = fallbackOf(node);
      shorterWords[node] = fallback === 0 || wordsAt[fallback] !== '' ? fallback : shorterWordOf(fallback);
    }
    return shorterWords[node]!;
  }
}

const unknown = -1;
/** Up to some 32,000 nodes these are small integers, which are looked up quickest. */
const keyOf = (node: number, unit: number): number => node * 0x1_0000 + unit;
