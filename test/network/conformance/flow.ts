/** Scripts for simulated and real sockets: flow, time, and servers. */
import net from 'node:net';
import type { Script, Stage } from './both-networks.ts';

const manyBytes = Buffer.alloc(8 * 1_024 * 1_024, 'x');

function resetWhilePaused({ watch, listen, done, aWhile, note }: Stage, first: string): void {
  const server = net.createServer((socket) => {
    socket.write(first);
    aWhile(() => socket.resetAndDestroy());
  });
  listen(server, (port) => {
    const client = watch('client', net.connect(port, '127.0.0.1')).pause();
    aWhile(() =>
      aWhile(() => {
        note('client', 'resumes');
        client.resume();
      }),
    );
    client.on('close', () => aWhile(() => server.close(done)));
  });
}

export const flowScripts: Record<string, Script> = {
  'a writer waits for a reader that does not read, and hears drain when it does': (stage) => {
    const { watch, listen, done, aWhile, note } = stage;
    const server = net.createServer({ pauseOnConnect: true }, (socket) => {
      let bytes = 0;
      socket.on('data', (chunk) => (bytes += chunk.length));
      socket.pause();
      aWhile(() => aWhile(() => socket.resume()));
      socket.on('end', () => note('server', `got ${bytes}`));
      watch('server', socket, { data: false });
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () => {
        const goesOn = client.write(manyBytes, () => note('client', 'written'));
        note('client', `write says ${goesOn}`);
        aWhile(() => note('client', `waiting ${client.writableLength > 1_000_000}`));
      });
      client.on('drain', () => client.end());
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a write that waits is answered when its socket is destroyed': (stage) => {
    const { watch, listen, done, aWhile, note } = stage;
    // With which error, if any, differs between the versions of Node.
    const answered = (name: string) => () => note(name, 'answered');
    const server = net.createServer({ pauseOnConnect: true }, () => {});
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () => {
        client.write(manyBytes, answered('first'));
        client.write('second', answered('second'));
        aWhile(() => client.destroy());
      });
      client.on('close', () => aWhile(done));
    });
  },
  'a write that waits fails when the peer resets': (stage) => {
    const { watch, listen, done, aWhile } = stage;
    const server = net.createServer({ pauseOnConnect: true }, (socket) => {
      aWhile(() => socket.resetAndDestroy());
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'), { data: false });
      client.on('connect', () => client.write(manyBytes));
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a paused socket learns of a reset only when it reads': (stage) => {
    resetWhilePaused(stage, '');
  },
  'a paused socket that is reset still reads what had come': (stage) => {
    resetWhilePaused(stage, 'before');
  },
  'bytes written before the connection is made arrive, in order': (stage) => {
    const { watch, listen, done, note } = stage;
    const server = net.createServer((socket) => {
      watch('server', socket);
      socket.on('close', () => server.close(done));
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      note('client', `${client.connecting} ${client.pending} ${client.readyState}`);
      client.write('one ');
      client.write('two ');
      client.end('three');
    });
  },
  'corked writes arrive as one': ({ watch, listen, done }) => {
    const server = net.createServer((socket) => {
      watch('server', socket);
      socket.on('close', () => server.close(done));
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () => {
        client.cork();
        client.write('a');
        client.write('b');
        client.write('');
        client.uncork();
        client.end();
      });
    });
  },
  'an idle socket says timeout once for each silence, and stays': (stage) => {
    const { watch, listen, done, aWhile } = stage;
    const server = net.createServer((socket) => void socket.on('data', () => {}));
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.setTimeout(15);
      aWhile(() => {
        client.write('still here');
        aWhile(() => client.end());
      });
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'the timeout option of connect is the idle timeout': ({ watch, listen, done, aWhile }) => {
    const server = net.createServer((socket) => void socket.on('data', () => {}));
    listen(server, (port) => {
      const client = watch('client', net.connect({ port, host: '127.0.0.1', timeout: 15 }));
      client.on('timeout', () => client.destroy());
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'an abort signal destroys its socket': ({ watch, listen, done, aWhile }) => {
    const server = net.createServer((socket) => watch('server', socket));
    const controller = new AbortController();
    listen(server, (port) => {
      const { signal } = controller;
      const options = { port, host: '127.0.0.1', signal };
      const client = watch('client', net.connect(options));
      client.on('connect', () => aWhile(() => controller.abort()));
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a connect to a port without a listener is refused': ({ watch, listen, done, note, aWhile }) => {
    const server = net.createServer();
    listen(server, (port) => {
      server.close(() => {
        const client = watch('client', net.connect(port, '127.0.0.1'));
        client.on('error', (error: NodeJS.ErrnoException & { port?: number }) => {
          const { errno, message } = error;
          note('error', `${errno} ${error.port === port} ${message.replace(/\d+$/, '')}`);
        });
        client.on('close', () => aWhile(done));
      });
    });
  },
  'a peer knows its address while it is connected': ({ watch, listen, done, note }) => {
    const server = net.createServer((socket) => {
      note('server', `${socket.remoteFamily} ${typeof socket.remotePort} ${socket.remoteAddress}`);
      socket.end();
    });
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      note('client', `${client.remoteAddress} ${client.remotePort}`);
      client.on('connect', () => note('client', `${client.remotePort === port}`));
      client.on('close', () => {
        note('client', `${client.remotePort === port} ${client.readyState}`);
        server.close(done);
      });
    });
  },
};
