/** Who may import whom: docs/architecture.md, "Imports". Run by test/static/import-rules.ts. */
module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }),
    rule('shared-stands-alone', { path: '^shared/' }, { path: '^(server|media|web|load-tests|test)/' }),
    rule('platform-knows-no-gateway', { path: '^server/platform/' }, { path: '^server/(gateway|features|app)/' }),
    rule('gateway-knows-no-feature', { path: '^server/gateway/' }, { path: '^server/(features|app)/' }),
    rule('features-know-no-app', { path: '^server/features/' }, { path: '^server/(app/|main)' }),
    rule('media-knows-no-server', { path: '^media/' }, { path: '^server/' }),
    rule('server-knows-no-media', { path: '^server/(?!app/|main|setup/)' }, { path: '^media/' }),
    rule(
      'server-knows-no-test',
      { path: '^(server|shared|media|web)/', pathNot: '\\.test\\.ts$' },
      { path: '^(test|load-tests)/' },
    ),
    rule('web-knows-shared-only', { path: '^web/' }, { path: '^(server|media|load-tests|test)/' }),
    // Rules take no driver and no framework: those live in adapters and in the ways in.
    rule(
      'rules-take-no-driver',
      { path: '^server/features/[^/]+/[^.]+\\.ts$', pathNot: '(feature|worker)\\.ts$' },
      { path: 'node_modules/(pg|ioredis|express|socket\\.io|mediasoup)/', dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^web/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs'] },
  },
};

function rule(name, from, to) {
  return { name, severity: 'error', from, to };
}
