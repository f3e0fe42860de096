import { serveFloor } from './floor.ts';

// One `send` of ws per member and message.
serveFloor((members, text) => {
  for (const member of members) member.send(text);
});
