import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ndjsonLine, type ProofDocument } from '../../shared/raffle/proof-document.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { drawOf, receiptOf } from './draw-fixture.ts';

const program = fileURLToPath(new URL('../../shared/raffle/verify-cli.ts', import.meta.url));

async function verify(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [program, ...args]);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, out, err };
}

function asFiles(document: ProofDocument): { folder: string; proof: string } {
  const folder = temporaryFolder();
  const list = 'inline' in document.entries ? document.entries.inline.map(ndjsonLine).join('') : '';
  writeFileSync(join(folder, 'entries.ndjson'), list);
  writeFileSync(join(folder, 'proof.json'), JSON.stringify({ ...document, entries: { ndjson: 'entries.ndjson' } }));
  return { folder, proof: join(folder, 'proof.json') };
}

test('says of a good draw with its list in a file of its own that it is right', async () => {
  const { code, out } = await verify(asFiles(await drawOf('cli', 300)).proof);

  expect(out).toContain('The draw is right.');
  expect(code).toBe(0);
});

test('says of a draw with another winner that it is not right, and which step fails', async () => {
  const document = await drawOf('cli', 30);
  const { code, out } = await verify(asFiles({ ...document, winners: document.winners.toReversed() }).proof);

  expect(out).toMatch(/FAIL {2}winners/);
  expect(out).toContain('The draw is NOT right.');
  expect(code).toBe(1);
});

test('reads a document from a URL and its list beside it, and does not take that of another draw', async () => {
  const document = await drawOf('cli', 30);
  const lines = 'inline' in document.entries ? document.entries.inline.map(ndjsonLine).join('') : '';
  const server = createServer((request, response) => {
    response.end(
      request.url!.endsWith('/entries') ? lines : JSON.stringify({ ...document, entries: { ndjson: 'entries' } }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    const of = (id: string) => verify(`http://127.0.0.1:${port}/api/giveaways/${id}/proof`);
    expect(await of('cli')).toMatchObject({ code: 0 });
    const other = await verify(`http://127.0.0.1:${port}/verify/mine`); // As the page that people share.
    expect(other.out).toMatch(/FAIL {2}asked/);
    expect(other.code).toBe(1);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('says nothing of a draw whose list could not be read: not beside its file, busy, or lost on the way', async () => {
  const document = await drawOf('cli', 30);
  const listed = JSON.stringify({ ...document, entries: { ndjson: 'entries' } });
  const file = join(temporaryFolder(), 'proof.json');
  writeFileSync(file, listed);
  const server = createServer((request, response) => {
    const { url } = request;
    if (!url!.endsWith('/entries')) response.end(listed);
    else if (url!.includes('busy')) response.writeHead(503).end();
    else response.writeHead(200, { 'content-length': 100_000 }).write('{"number":0,', () => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    for (const where of [file, `http://127.0.0.1:${port}/busy/proof`, `http://127.0.0.1:${port}/lost/proof`]) {
      const { code, out, err } = await verify(where);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^entries could not be read: .*\nNothing was found out/);
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test.each([[['/nowhere/proof.json']], [[]], [['--help']]])(
  'ends with 2 and a sentence when there is nothing to check (%j)',
  async (args) => {
    const { code, err } = await verify(...args);

    expect(code).toBe(2);
    expect(err).not.toBe('');
  },
);

test('says of a file that is no proof what it lacks, in words', async () => {
  const file = join(temporaryFolder(), 'package.json');
  writeFileSync(file, '{"name":"nightmarket"}');

  const { code, out, err } = await verify(file);

  expect(err).toMatch(/package\.json is no proof document: .*rules: is missing/);
  expect(err).not.toContain('{');
  expect({ code, out }).toEqual({ code: 2, out: '' });
});

test('notices that the entry of a receipt was left out and the next one put at its number, or is not of the account', async () => {
  const [whole, without] = [await drawOf('cli', 30), await drawOf('cli', 7)];
  const receiptFile = async (number: number) => {
    const file = join(temporaryFolder(), 'receipt.json');
    writeFileSync(file, JSON.stringify(await receiptOf('cli', whole, number)));
    return file;
  };

  expect(await verify(asFiles(whole).proof, '--receipt', await receiptFile(7))).toMatchObject({ code: 0 });
  const anothers = await verify(asFiles(whole).proof, '--receipt', await receiptFile(7), '--account', 'ana');
  expect(anothers.out).toMatch(/FAIL {2}account/);
  expect(anothers.out).toContain('The draw is right. Your receipt does NOT hold');
  expect(anothers.code).toBe(1);
  const { code, out } = await verify(asFiles(without).proof, '--receipt', await receiptFile(7));

  expect(out).toMatch(/FAIL {2}included/);
  expect(code).toBe(1);
});

test('looks for the entry of a receipt by its path alone, and does not call the draw right by that', async () => {
  const document = await drawOf('cli', 30);
  const folder = temporaryFolder();
  const file = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  // Its list is nowhere.
  const proof = file('proof.json', { ...document, entries: { ndjson: 'entries' } });
  const receipt = await receiptOf('cli', document, 7);
  const inclusion = { entryNumber: 7, path: receipt.batch.path }; // Its batch is the whole list.
  const args = [proof, '--receipt', file('receipt.json', receipt), '--inclusion'];

  const { code, out } = await verify(...args, file('inclusion.json', { ok: true, data: { inclusion } }));
  expect(out).toMatch(/ok {4}included/);
  expect(out).toContain('the winners were not worked out');
  expect(code).toBe(3);
  const other = { entryNumber: 7, path: inclusion.path.toReversed() };
  expect(await verify(...args, file('other.json', { ok: true, data: { inclusion: other } }))).toMatchObject({
    code: 1,
  });
  expect(await verify(...args, receipt.rulesHash)).toMatchObject({ code: 2 });
});

test('holds a document to the rules hash and the root its reader knows, and asks for a hash', async () => {
  const document = await drawOf('cli', 3);
  const { proof } = asFiles(document);

  expect((await verify(proof)).out).toContain(`Rules hash ${document.rulesHash}: compare it`);
  const { rulesHash, frozen } = document;
  expect(await verify(proof, '--rules-hash', rulesHash, '--root', frozen.root)).toMatchObject({ code: 0 });
  const { code, out } = await verify(proof, '--rules-hash', '00'.repeat(32), '--root', '00'.repeat(32));
  expect(out).toMatch(/FAIL {2}anchor/);
  expect(out).toMatch(/FAIL {2}seen-list/);
  expect(code).toBe(1);
  expect(await verify(proof, '--rules-hash', rulesHash.toUpperCase())).toMatchObject({ code: 2 });
});

test('does not call a draw right whose seed was withheld', async () => {
  const { code, out } = await verify(asFiles(await drawOf('cli', 5, { revealed: false })).proof);

  expect(out).toContain('Nobody won: nothing was drawn. The seed was not revealed in time.');
  expect(out).not.toContain('is right');
  expect(code).toBe(0);
});
