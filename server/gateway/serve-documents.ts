import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Express } from 'express';
import { once } from '../platform/once.ts';
import { asyncApiDocument, openApiDocument } from './api-documents.ts';

const uiFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Nightmarket API</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/ui/swagger-ui.css"><div id="ui"></div>
<script src="/docs/ui/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></html>`;
const startScript = `SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#ui' });`;

/**
 * /docs: the API for people; /docs/openapi.json and /docs/asyncapi.json: for programs. These are made when somebody first asks for them: a
 * process that was killed is not to be back later for what hardly anybody reads.
 */
export function serveDocuments(app: Express): void {
  const [openApi, asyncApi] = [once(openApiDocument), once(asyncApiDocument)];
  app.get('/docs', (_request, response) => void response.type('html').send(page));
  app.get('/docs/start.js', (_request, response) => void response.type('js').send(startScript));
  app.get('/docs/openapi.json', (_request, response) => void response.json(openApi()));
  app.get('/docs/asyncapi.json', (_request, response) => void response.json(asyncApi()));
  app.use('/docs/ui', express.static(uiFolder, { index: false }));
}
