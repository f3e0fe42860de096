import { useEffect, useState } from 'preact/hooks';

/** What is typed is searched for when it has stayed the same this long: one request for a word, not one a letter. */
const settledMs = 250;

/** `field`: what a search field shows and tells. `query`: what the list is to be searched for; empty for all of it. */
export function useSearch() {
  const [typed, setTyped] = useState('');
  const [query, setQuery] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), settledMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return { query, field: { value: typed, onText: setTyped } };
}
