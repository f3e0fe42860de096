import { AppError } from '../../../shared/errors.ts';
import { violates, type Queryable } from '../../platform/postgres.ts';

/** A person as the server knows them. `email` and `passwordHash` never leave the server. */
export type PersonRow = {
  personId: string;
  kind: 'guest' | 'account';
  name: string;
  email: string | null;
  passwordHash: string | null;
};

const columns = `person_id AS "personId", kind, display_name AS name, email, password_hash AS "passwordHash"`;

const insert = `
  INSERT INTO people (person_id, kind, display_name, email, password_hash)
  VALUES ($1, $2, $3, $4, $5) RETURNING ${columns}`;

/** Time for the browser that registered to take its open sockets over to its new session, seconds. */
const takeOverSeconds = 5;

/**
 * A guest becomes an account and stays who they were: their orders and points go with them. Their sessions do not: whoever holds
 * one (a kiosk, a borrowed phone, a planted token) had a guest's name, and would have an account's rights. Nothing can be
 * refreshed from that moment on; access tokens and sockets end a little later.
 */
const upgrade = `
  WITH upgraded AS (
    UPDATE people SET kind = 'account', display_name = $2, email = $3, password_hash = $4
    WHERE person_id = $1 AND kind = 'guest' RETURNING ${columns}
  ), ended AS (
    UPDATE sessions SET revoked_at = now() + make_interval(secs => ${takeOverSeconds})
    WHERE person_id = (SELECT "personId" FROM upgraded) AND revoked_at IS NULL
  )
  SELECT * FROM upgraded`;

const insertForeign = `
  INSERT INTO people (person_id, kind, display_name, foreign_id) VALUES ($1, 'account', $2, $3)
  ON CONFLICT (foreign_id) DO UPDATE SET foreign_id = EXCLUDED.foreign_id RETURNING ${columns}`;

export type PeopleStore = ReturnType<typeof createPeopleStore>;

export function createPeopleStore(db: Queryable) {
  return {
    async add({ personId, kind, name, email, passwordHash }: PersonRow): Promise<PersonRow> {
      return one(insert, [personId, kind, name, email, passwordHash]);
    },
    /** Null when the person is not a guest (any more). */
    async upgrade({ personId, name, email, passwordHash }: PersonRow): Promise<PersonRow | null> {
      return one(upgrade, [personId, name, email, passwordHash]).catch(nullIfMissing);
    },
    /** The person behind a foreign identity; made at the first visit. */
    async ofForeign(personId: string, name: string, foreignId: string): Promise<PersonRow> {
      return one(insertForeign, [personId, name, foreignId]);
    },
    async find(personId: string): Promise<PersonRow | null> {
      return one(`SELECT ${columns} FROM people WHERE person_id = $1`, [personId]).catch(nullIfMissing);
    },
    async findByEmail(email: string): Promise<PersonRow | null> {
      return one(`SELECT ${columns} FROM people WHERE lower(email) = lower($1)`, [email]).catch(nullIfMissing);
    },
    async rename(personId: string, name: string): Promise<PersonRow> {
      return one(`UPDATE people SET display_name = $2 WHERE person_id = $1 RETURNING ${columns}`, [personId, name]);
    },
  };

  /** @throws AppError EMAIL_TAKEN, or NOT_FOUND when no row comes back. */
  async function one(statement: string, values: unknown[]): Promise<PersonRow> {
    const { rows } = await db.query<PersonRow>(statement, values).catch((error: unknown) => {
      throw violates(error, 'people_email_key') ? new AppError('EMAIL_TAKEN') : error;
    });
    if (!rows[0]) throw new AppError('NOT_FOUND');
    return rows[0];
  }
}

function nullIfMissing(error: unknown): null {
  if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
  throw error;
}
