import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { pageAt } from '../../shared/page-addresses.ts';

const folder = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** What belongs to programs or is the name of a file: nobody there reads a page. */
const noPage = /^\/(?:api|docs|internal|whip|whep|pay|socket\.io)(?:\/|$)|\./;

/**
 * Serves the built pages. All of them are one application; it comes with 404 where it has no page, and says so itself. Pages that
 * are not built yet are served as soon as they are. Who asks for something else than a page is told by a code that it is not there.
 */
export function servePages(app: Express): void {
  app.use('/assets', express.static(`${folder}/assets`, { immutable: true, maxAge: '1y', fallthrough: false }));
  app.use(express.static(folder, { maxAge: 0, redirect: false }));
  app.get(/.*/, (request, response, next) => {
    const page = pageAt(request.path);
    if (noPage.test(request.path) || (!page && !request.accepts('html'))) return next();
    response.status(page ? 200 : 404).sendFile('index.html', { root: folder });
  });
}
