/**
 * A choice kept in this browser. Where storage is refused (private windows, embedded pages) it lives as long as the page.
 */
export function createKept<T>(key: string, parse: (raw: unknown) => T | null) {
  let inMemory: string | null = null;
  return {
    key,
    read(): T | null {
      const text = readText() ?? inMemory;
      if (text === null) return null;
      try {
        return parse(JSON.parse(text));
      } catch {
        return null;
      }
    },
    write(value: T | null): void {
      inMemory = value === null ? null : JSON.stringify(value);
      try {
        if (inMemory === null) localStorage.removeItem(key);
        else localStorage.setItem(key, inMemory);
      } catch {
        // Kept in memory above.
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
