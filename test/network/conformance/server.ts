/** Scripts for simulated and real sockets: servers, HTTP and WebSocket. */
import http from 'node:http';
import net from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Script } from './both-networks.ts';

export const serverScripts: Record<string, Script> = {
  'listening twice is an error': ({ listen, done, note }) => {
    const server = net.createServer();
    listen(server, () => {
      try {
        server.listen(0);
      } catch (error) {
        note('server', String((error as NodeJS.ErrnoException).code));
      }
      server.close(done);
    });
  },
  'a port is taken until its server closes': ({ listen, done, note }) => {
    const first = net.createServer();
    const second = net.createServer();
    second.on('error', (error: NodeJS.ErrnoException) => {
      note('second', `${error.code} ${error.syscall} ${second.listening}`);
      first.close(() => {
        note('first', `closed ${first.listening} ${first.address()}`);
        second.listen(port, '127.0.0.1', () => {
          note('second', 'listening');
          second.close(done);
        });
      });
    });
    let port = 0;
    listen(first, (given) => {
      port = given;
      second.listen(port, '127.0.0.1');
    });
  },
  'closing a server that does not listen is an error': ({ done, note }) => {
    net.createServer().close((error) => {
      note('server', String((error as NodeJS.ErrnoException).code));
      done();
    });
  },
  'a server closes when its last connection does': (stage) => {
    const { watch, listen, done, note, aWhile } = stage;
    const server = net.createServer((socket) => watch('socket', socket));
    server.on('close', () => note('server', 'close'));
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () =>
        aWhile(() => {
          server.close(() => {
            note('server', 'callback');
            done();
          });
          note('server', `${server.listening}`);
          aWhile(() => client.end());
        }),
      );
    });
  },
  'a server that is closed refuses, and keeps who is there': (stage) => {
    const { watch, listen, done, note, aWhile } = stage;
    const server = net.createServer((socket) => socket.pipe(socket));
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.on('connect', () =>
        aWhile(() => {
          server.close(done);
          const late = watch('late', net.connect(port, '127.0.0.1'));
          late.on('close', () => client.end('still here'));
          server.getConnections((_, count) => note('server', `${count} connections`));
        }),
      );
    });
  },
  'one connection above maxConnections is dropped': (stage) => {
    const { watch, listen, done, note, aWhile } = stage;
    const server = net.createServer((socket) => watch('socket', socket));
    server.maxConnections = 1;
    server.on('drop', (data) => note('server', `drop ${data?.remoteAddress}`));
    listen(server, (port) => {
      const first = watch('first', net.connect(port, '127.0.0.1'));
      first.on('connect', () =>
        aWhile(() => {
          const second = watch('second', net.connect(port, '127.0.0.1'));
          second.on('close', () => {
            first.end();
            server.close(done);
          });
        }),
      );
    });
  },
  'an http agent keeps its socket for the next request': (stage) => {
    const { listen, done, note } = stage;
    const agent = new http.Agent({ keepAlive: true });
    const server = http.createServer((request, response) => {
      note('server', `${request.method} ${request.url} ${request.headers.connection}`);
      response.end(`answer ${request.url}`);
    });
    server.on('connection', () => note('server', 'connection'));
    listen(server, (port) => {
      const get = (path: string, then: () => void) => {
        const request = http.get({ port, host: '127.0.0.1', path, agent }, (response) => {
          let body = '';
          response.on('data', (bytes) => (body += bytes));
          response.on('end', () => {
            note('client', `${response.statusCode} ${body} reused ${request.reusedSocket}`);
            setImmediate(then);
          });
        });
      };
      get('/1', () =>
        get('/2', () => {
          agent.destroy();
          server.close(done);
        }),
      );
    });
  },
  'an http request that is never answered times out at its client': (stage) => {
    const { listen, done, note, aWhile } = stage;
    const server = http.createServer((request) => {
      request.on('close', () => note('server', `request closed ${request.complete}`));
    });
    listen(server, (port) => {
      const request = http.get({ port, host: '127.0.0.1', timeout: 20, agent: false });
      request.on('timeout', () => {
        note('client', 'timeout');
        request.destroy();
      });
      request.on('error', (error: NodeJS.ErrnoException) => note('client', `${error.code}`));
      request.on('close', () => {
        note('client', 'close');
        aWhile(() => server.close(done));
      });
    });
  },
  'bytes that are not http are answered with 400': ({ watch, listen, done, aWhile }) => {
    const server = http.createServer();
    listen(server, (port) => {
      const client = watch('client', net.connect(port, '127.0.0.1'));
      client.write('not http\r\n\r\n');
      client.on('close', () => aWhile(() => server.close(done)));
    });
  },
  'a websocket talks and closes with its code': ({ done, note }) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      socket.on('message', (data) => socket.send(`echo ${data}`));
      socket.on('close', (code, reason) => note('server', `close ${code} ${reason}`));
    });
    server.on('listening', () => {
      const { port } = server.address() as net.AddressInfo;
      const client = new WebSocket(`ws://127.0.0.1:${port}`);
      client.on('open', () => client.send('hello'));
      client.on('message', (data) => {
        note('client', String(data));
        client.close(4_000, 'enough');
      });
      client.on('close', (code, reason) => {
        note('client', `close ${code} ${reason}`);
        server.close(done);
      });
    });
  },
  'a websocket that is terminated closes with 1006': ({ done, note }) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      socket.on('close', (code) => note('server', `close ${code}`));
      socket.terminate();
    });
    server.on('listening', () => {
      const { port } = server.address() as net.AddressInfo;
      const client = new WebSocket(`ws://127.0.0.1:${port}`);
      client.on('open', () => note('client', 'open'));
      client.on('close', (code) => {
        note('client', `close ${code}`);
        server.close(done);
      });
    });
  },
  'an upgrade that is refused is an unexpected response': ({ done, note }) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', verifyClient: () => false });
    server.on('listening', () => {
      const { port } = server.address() as net.AddressInfo;
      const client = new WebSocket(`ws://127.0.0.1:${port}`);
      client.on('error', (error) => note('client', error.message));
      client.on('close', (code) => {
        note('client', `close ${code}`);
        server.close(done);
      });
    });
  },
  'a handshake that takes too long fails': ({ listen, done, note, aWhile }) => {
    const server = net.createServer((socket) => void socket.on('error', () => {}).resume());
    listen(server, (port) => {
      const client = new WebSocket(`ws://127.0.0.1:${port}`, { handshakeTimeout: 20 });
      client.on('error', (error) => note('client', error.message));
      client.on('close', (code) => {
        note('client', `close ${code}`);
        aWhile(() => server.close(done));
      });
    });
  },
};
