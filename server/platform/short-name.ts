/** The first letter and nothing else: enough to see that people do something, not who. */
export function shortName(name: string): string {
  const [first] = new Intl.Segmenter().segment(name);
  return `${first?.segment ?? ''}***`;
}
