import { Bar } from '../../design/bar.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { Link } from '../../router/router.tsx';
import { studioTexts } from '../studio.messages.ts';

/** Above the other parts of the studio while a picture is sent: says so, and leads back. */
export function OnAirBar({ roomId }: { roomId: string }) {
  const t = useMessages(studioTexts);
  return (
    <div class="on-air-bar">
      <Bar tone="good">
        {t.stillOnAir}
        <Link to={`/studio/live/${roomId}`} class="button button--plain button--small">
          {t.backToShow}
        </Link>
      </Bar>
    </div>
  );
}
