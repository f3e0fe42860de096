// Loaded into a server under test with --import and --expose-gc: answers `memory` after a full collection. Measures, changes nothing.
process.on('message', ({ question }: { question: string }) => {
  if (question !== 'memory') return;
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ memory: { residentBytes: rss, heapBytes: heapUsed, externalBytes: external } });
});
