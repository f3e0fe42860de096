import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { sayReady } from './say-ready.ts';

// Chat as the Socket.IO documentation teaches it: a room, an event in, an event out. WebSocket only and uncompressed, as ours.
// It keeps nothing, checks nothing and numbers nothing; every message is emitted by itself.

type Ack = (reply: { ok: true }) => void;
type Message = { roomId: string; text: string };

const announcesJoins = process.env['PEER_ANNOUNCES_JOINS'] !== undefined;
const server = createServer();
const io = new Server(server, {
  transports: ['websocket'],
  serveClient: false,
  perMessageDeflate: false,
  pingInterval: 20_000,
  pingTimeout: 20_000,
});

io.on('connection', (socket) => {
  const sender = { personId: socket.id, name: 'Guest 1234' };

  socket.on('join', ({ roomId }: { roomId: string }, ack: Ack) => {
    void socket.join(roomId);
    ack({ ok: true });
    if (announcesJoins) io.to(roomId).emit('viewers', io.sockets.adapter.rooms.get(roomId)?.size);
  });
  socket.on('send', ({ roomId, text }: Message, ack: Ack) => {
    io.to(roomId).emit('chat', { sender, text, atMs: Date.now() });
    ack({ ok: true });
  });
});

sayReady(server);
