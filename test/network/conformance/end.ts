/** Scripts for simulated and real sockets: how connections begin and end. */
import net from 'node:net';
import type { Script } from './both-networks.ts';

export const endScripts: Record<string, Script> = {
  'a greeting is answered and both ends close in good order': ({ watch, listen, done, note }) => {
    const server = net.createServer((socket) => {
      watch('server', socket);
      socket.on('data', (bytes) => socket.end(`echo ${bytes}`));
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.write('hello');
      client.on('close', () => {
        note('client', `read ${client.bytesRead} wrote ${client.bytesWritten}`);
        server.close(done);
      });
    });
    server.on('close', () => note('server', 'server closed'));
  },
  'a socket that no code reads still ends': ({ watch, listen, done, aWhile }) => {
    const server = net.createServer((socket) => watch('server', socket).end());
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'), { data: false });
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a half-open client goes on sending after the end of the server': (stage) => {
    const { watch, listen, done, aWhile } = stage;
    const server = net.createServer((socket) => watch('server', socket).end('bye'));
    listen(server, (port) => {
      const client = watch('client', net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
      client.on('end', () => aWhile(() => client.end('late')));
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a server with allowHalfOpen answers after the end of the client': (stage) => {
    const { watch, listen, done, aWhile } = stage;
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      watch('server', socket);
      socket.on('end', () => aWhile(() => socket.end('answer')));
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.end('question');
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a write after end is an error': ({ watch, listen, done, note, aWhile }) => {
    const server = net.createServer((socket) => watch('server', socket));
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () => {
        client.end('last');
        client.write('more', (error) => {
          note('callback', String((error as NodeJS.ErrnoException | null)?.code));
        });
      });
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a write after the end of the peer is an error': ({ watch, listen, done, note, aWhile }) => {
    const server = net.createServer((socket) => watch('server', socket).end());
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('end', () =>
        process.nextTick(() => {
          client.write('too late', (error) => {
            note('callback', String((error as NodeJS.ErrnoException | null)?.code));
          });
        }),
      );
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a write on a destroyed socket is an error of its callback only': (stage) => {
    const { watch, listen, done, note, aWhile } = stage;
    const server = net.createServer((socket) => watch('server', socket));
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () => {
        client.destroy();
        client.write('more', (error) => {
          note('callback', String((error as NodeJS.ErrnoException | null)?.code));
        });
      });
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'destroy lets the peer see an end': ({ watch, listen, done, aWhile }) => {
    const server = net.createServer((socket) => watch('server', socket));
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () => client.destroy());
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'destroy with an error says it here and not there': ({ watch, listen, done, aWhile }) => {
    const server = net.createServer((socket) => watch('server', socket));
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () =>
        client.destroy(Object.assign(new Error('mine'), { code: 'MINE' })),
      );
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'destroy before the connection is made is quiet': ({ watch, listen, done, note, aWhile }) => {
    const server = net.createServer((socket) => watch('server', socket));
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.write('never', (error) => {
        note('callback', String((error as NodeJS.ErrnoException | null)?.code));
      });
      client.destroy();
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'resetAndDestroy is a reset for the peer': ({ watch, listen, done, aWhile }) => {
    const server = net.createServer((socket) => {
      watch('server', socket);
      socket.on('close', () => server.close(done));
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () => aWhile(() => client.resetAndDestroy()));
    });
  },
  'resetAndDestroy while connecting waits for the connection': ({ watch, listen, done }) => {
    const server = net.createServer((socket) => {
      watch('server', socket, { data: false });
      socket.on('close', () => server.close(done));
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.resetAndDestroy();
    });
  },
  'destroy with unread data is a reset for the peer': ({ watch, listen, done, aWhile }) => {
    const server = net.createServer({ pauseOnConnect: true }, (socket) => {
      watch('server', socket, { data: false });
      aWhile(() => socket.destroy());
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.write('unread');
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'data to a peer that has closed is answered with a reset': (stage) => {
    const { watch, listen, done, aWhile } = stage;
    const server = net.createServer((socket) => {
      watch('server', socket);
      socket.destroy();
    });
    listen(server, (port) => {
      const client = watch('client', net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
      client.on('end', () =>
        aWhile(() => {
          client.write('are you there?');
          aWhile(() => client.write('no one'));
        }),
      );
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'destroySoon sends what was written before': ({ watch, listen, done }) => {
    const server = net.createServer((socket) => {
      watch('server', socket);
      socket.on('close', () => server.close(done));
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.write('before');
      client.destroySoon();
    });
  },
};
