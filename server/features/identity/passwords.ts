import argon2 from 'argon2';

/** argon2id with OWASP's parameters of 2024: 19 MiB, two passes, one lane. */
const parameters = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const hashPassword = (password: string): Promise<string> => argon2.hash(password, parameters);

let decoy: Promise<string> | undefined;

/** Takes as long for an unknown account as for a known one, so that time tells nobody who is registered here. */
export async function passwordMatches(hash: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('nobody has this password');
  const matches = await argon2.verify(hash ?? (await decoy), password);
  return matches && hash !== null && hash !== undefined;
}
