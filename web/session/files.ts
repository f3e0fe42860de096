import { dataOf, reached } from './http.ts';
import { accessToken } from './session.ts';

/** Sends a file to a route of the API. @throws AppError as the server said it. */
export async function sendFile<Answer>(path: string, file: Blob, type: string): Promise<Answer> {
  const response = await reached(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${await accessToken()}`, 'content-type': type },
    body: file,
  });
  return dataOf<Answer>(response);
}

/** Text of a file that the API gives to this person only. @throws AppError. */
export async function readFile(path: string): Promise<string> {
  const response = await reached(path, { headers: { authorization: `Bearer ${await accessToken()}` } });
  return response.ok ? response.text() : dataOf<never>(response); // What is no file says why.
}
