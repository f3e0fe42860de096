import { AppError } from '../../shared/errors.ts';
import type { Viewer } from './call.ts';

/**
 * Who may run a command. `anyone` needs no session, `guest` any session, `account` a registered person, `operator` one
 * who runs the platform. `kind.relation` (`room.host`) asks the resolver of that kind how the viewer stands to the object
 * named by the input field `kindId`; `account & kind.relation` asks for an account besides. A rule allows when one of its
 * entries holds; an empty rule allows nobody.
 */
export type Relation =
  'anyone' | 'guest' | 'account' | 'operator' | ObjectRelation | `${typeof withAccount}${ObjectRelation}`;
type ObjectRelation = `${string}.${string}`;
export type Rule = readonly Relation[];

/**
 * How a viewer stands to one object: `host`, `moderator`, `buyer` and so on. `network`: where the request comes from.
 * @throws AppError NOT_FOUND when there is no such object.
 */
export type RelationResolver = (viewer: Viewer, objectId: string, network: string) => Promise<ReadonlySet<string>>;

/** Why a viewer is refused who is nothing to an object: what the answer says. Null when there is nothing to say. */
export type WhyNot = (viewer: Viewer, objectId: string) => Promise<AppError | null>;

const withAccount = 'account & ';
const nothing: ReadonlySet<string> = new Set();

export type Relations = ReturnType<typeof createRelations>;

export function createRelations() {
  const kinds = new Map<string, { resolve: RelationResolver; whyNot: WhyNot }>();

  return {
    /** Registers how viewers stand to objects of one kind, and what those are told who are refused. */
    define(kind: string, resolve: RelationResolver, whyNot: WhyNot = async () => null): void {
      if (kinds.has(kind)) throw new Error(`relations of ${kind} are defined twice`);
      kinds.set(kind, { resolve, whyNot });
    },
    /**
     * Answers what the viewer is to the object that let them in; nothing when the rule asked for no object.
     * @throws AppError UNAUTHENTICATED, FORBIDDEN or NOT_FOUND when the rule does not allow the viewer.
     */
    async check(
      rule: Rule,
      viewer: Viewer | null,
      input: Readonly<Record<string, unknown>>,
      network: string,
    ): Promise<ReadonlySet<string>> {
      if (rule.includes('anyone')) return nothing;
      if (!viewer) throw new AppError('UNAUTHENTICATED');
      if (rule.some((relation) => holdsByItself(relation, viewer))) return nothing;
      let refusal = rule.includes('account') ? accountNeeded() : null;
      for (const [kind, wanted] of wantedOf(rule)) {
        const { resolve, whyNot } = definedAs(kind);
        const objectId = idIn(input, kind);
        const relations = await resolve(viewer, objectId, network);
        const held = wanted.filter(({ name }) => relations.has(name));
        if (held.some(({ needsAccount }) => !needsAccount || viewer.kind === 'account')) return relations;
        // Whoever would be let in with an account is told so; of others an account would make nothing better.
        refusal ??= held.length > 0 ? accountNeeded() : await whyNot(viewer, objectId);
      }
      throw refusal ?? new AppError('FORBIDDEN');
    },
  };

  function definedAs(kind: string) {
    const defined = kinds.get(kind);
    if (!defined) throw new Error(`a rule names the kind ${kind}, but nothing defines its relations`);
    return defined;
  }
}

function idIn(input: Readonly<Record<string, unknown>>, kind: string): string {
  const objectId = input[`${kind}Id`];
  if (typeof objectId !== 'string') throw new AppError('BAD_INPUT', `${kind}Id is missing`);
  return objectId;
}

function holdsByItself(relation: Relation, viewer: Viewer): boolean {
  if (relation === 'guest') return true;
  if (relation === 'account') return viewer.kind === 'account';
  return relation === 'operator' && viewer.roles.includes('operator');
}

const accountNeeded = (): AppError => new AppError('FORBIDDEN', 'This needs an account.', { reason: 'account-needed' });

type Wanted = ReadonlyMap<string, { name: string; needsAccount: boolean }[]>;
/** Rules are asked at every command, and taken apart once. */
const wantedOfRules = new WeakMap<Rule, Wanted>();

/** The relations a rule takes, by kind of object. */
function wantedOf(rule: Rule): Wanted {
  const known = wantedOfRules.get(rule);
  if (known) return known;
  const wanted = new Map<string, { name: string; needsAccount: boolean }[]>();
  for (const relation of rule) {
    const needsAccount = relation.startsWith(withAccount);
    const [kind, name] = (needsAccount ? relation.slice(withAccount.length) : relation).split('.') as [string, string?];
    if (name) wanted.set(kind, [...(wanted.get(kind) ?? []), { name, needsAccount }]);
  }
  wantedOfRules.set(rule, wanted);
  return wanted;
}
