// Node's own http server: a plain answer and a stream of events.
const http = require("http");
const { FAIRLEAD_VERSION: version, HOST: host, PORT: port } = process.env;

function stream(response) {
  response.writeHead(200, { "content-type": "text/event-stream", "x-version": version });
  let number = 0;
  const timer = setInterval(() => {
    response.write(`data: ${number++}\n\n`);
    if (number < 30) return;
    clearInterval(timer);
    response.end("data: [DONE]\n\n");
  }, 100);
  response.on("close", () => clearInterval(timer));
}

http
  .createServer((request, response) => {
    if (request.url.startsWith("/stream")) return stream(response);
    response.writeHead(200, { "content-type": "text/plain", "x-version": version });
    response.end("hello\n");
  })
  .listen(Number(port), host);
