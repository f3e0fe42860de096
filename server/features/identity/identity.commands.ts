import { AppError } from '../../../shared/errors.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Identity } from './identity.ts';

export function registerIdentity(gateway: Gateway, identity: Identity): void {
  gateway.exposeOpen('session:guest', (_viewer, { name }, { network }) => identity.startAsGuest(name, network));
  gateway.exposeOpen('session:register', (viewer, input, { network }) => identity.register(input, viewer, network));
  gateway.exposeOpen('session:sign-in', (_viewer, { email, password }, { network }) =>
    identity.signIn(email, password, network),
  );
  gateway.exposeOpen('session:exchange', (_viewer, { token }, { network }) => identity.exchange(token, network));
  gateway.exposeOpen('session:refresh', (_viewer, { refreshToken }) => identity.refresh(refreshToken));
  gateway.expose('session:who', async ({ personId, kind, name, roles }) => ({
    personId,
    kind,
    name,
    roles: [...roles],
  }));
  gateway.expose('session:rename', async (viewer, { name }, { socket }) => {
    const renamed = await identity.rename(viewer.personId, name);
    if (socket) socket.data.viewer = { ...socket.data.viewer, name: renamed.name };
    return renamed;
  });
  gateway.expose('session:sign-out', async (viewer, { everywhere }) => ({
    ended: await identity.signOut(viewer, everywhere),
  }));
  gateway.expose('session:renew', async (viewer, { accessToken }, { socket }) => {
    if (!socket) throw new AppError('BAD_INPUT', 'Only an open socket can be renewed.');
    const renewed = await identity.authenticate(accessToken);
    if (renewed.personId !== viewer.personId) throw new AppError('FORBIDDEN', 'This token belongs to somebody else.');
    socket.data.viewer = renewed;
    return { accessExpiresAtMs: renewed.accessExpiresAtMs };
  });
}
