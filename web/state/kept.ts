/**
 * A choice kept in this browser. Where storage is refused (private windows, embedded pages) it lives as long as the page.
 */
export function createKept<T>(key: string, parse: (raw: unknown) => T | null) {
  /** What the storage would not take; null where it took everything: then it alone knows, for other tabs write to it, too. */
  let inMemory: string | null = null;
  return {
    key,
    read(): T | null {
      const text = inMemory ?? readText();
      if (text === null) return null;
      try {
        return parse(JSON.parse(text));
      } catch {
        return null;
      }
    },
    write(value: T | null): void {
      const text = value === null ? null : JSON.stringify(value);
      try {
        if (text === null) localStorage.removeItem(key);
        else localStorage.setItem(key, text);
        inMemory = null;
      } catch {
        inMemory = text;
      }
    },
  };

  function readText(): string | null {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }
}
