import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';

const folder = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Serves the built pages; every address that is not a file or an API route is a page of the one-page application. */
export function servePages(app: Express): void {
  if (!existsSync(folder)) return;
  app.use('/assets', express.static(`${folder}/assets`, { immutable: true, maxAge: '1y', fallthrough: false }));
  app.use(express.static(folder, { maxAge: 0 }));
  app.get(/^\/(?!(?:api|docs|internal|whip|whep|pay|socket\.io)(?:\/|$))[^.]*$/, (_request, response) => {
    response.sendFile('index.html', { root: folder });
  });
}
