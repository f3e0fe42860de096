import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { NothingFound } from '../../shell/nothing-found.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { useSearch } from '../../state/use-search.ts';
import type { PossibleStaff, StaffRole } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';

const roles = ['moderator', 'assistant'] as const satisfies readonly StaffRole[];

/** People of the host, to be asked to help by one press: who helped before, fans and followers. */
export function AddHelper({ onAdded }: { onAdded: () => void }) {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  const { query, field } = useSearch();
  const { loaded, again } = useLoaded(
    async () => (await ask('room:possible-staff', { roomId, query })).people,
    [roomId, query],
  );
  const give = (personId: string, role: StaffRole) =>
    void ask('room:set-staff', { roomId, personId, role }).then(onAdded, complain);
  const people = loaded.state === 'ready' ? loaded.value : [];
  const isEmpty = loaded.state === 'ready' && people.length === 0;
  return (
    <div class="stack">
      {(query || !isEmpty) && <SearchField label={t.findHelper} {...field} />}
      {loaded.state === 'loading' && <Skeleton height={80} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {isEmpty && (query ? <NothingFound query={query} /> : <p class="quiet small">{t.noHelpers}</p>)}
      {people.length > 0 && (
        <ul class="helpers">
          {people.map((person) => (
            <Person key={person.personId} person={person} onGive={(role) => give(person.personId, role)} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Person({ person, onGive }: { person: PossibleStaff; onGive: (role: StaffRole) => void }) {
  const t = useMessages(studioTexts);
  const { name, helpedAs, isFan } = person;
  return (
    <li class="row row--wrap">
      <span class="grow row helpers__who">
        <span class="user-text one-line">{name}</span>
        {helpedAs && <Badge tone="quiet">{t.helpedAs(t.roles[helpedAs])}</Badge>}
        {isFan && <Badge tone="gold">{t.isFan}</Badge>}
      </span>
      <span class="row">
        {roles.map((role) => (
          <Button key={role} size="small" aria-label={t.makeRole(name, t.roles[role])} onClick={() => onGive(role)}>
            {t.roles[role]}
          </Button>
        ))}
      </span>
    </li>
  );
}
