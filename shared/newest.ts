/**
 * Sets `key` as the newest of `map`; of more than `max` the oldest is forgotten. A Map keeps the order in which its keys
 * came, so that the first is the one set longest ago.
 */
export function setNewest<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value!);
}
