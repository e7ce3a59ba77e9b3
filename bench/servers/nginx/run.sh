#!/bin/sh
# nginx in the foreground, with its files in a folder of this instance: a plain answer, and a file that is sent slowly.
set -eu
here="$RUN_DIR/$FAIRLEAD_INSTANCE"
mkdir -p "$here"
{ yes 'data: x' | head -n 600 | sed G; printf 'data: [DONE]\n\n'; } >"$here/stream"
user=''
[ "$(id -u)" != 0 ] || user='user root root;' # its workers have to reach a folder that may be closed to others
cat >"$here/nginx.conf" <<CONF
$user
worker_processes 1;
pid $here/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path $here/body;
  proxy_temp_path $here/proxy;
  fastcgi_temp_path $here/fastcgi;
  uwsgi_temp_path $here/uwsgi;
  scgi_temp_path $here/scgi;
  server {
    listen $HOST:$PORT;
    add_header x-version $FAIRLEAD_VERSION;
    location = / { default_type text/plain; return 200 'hello\n'; }
    location = /stream { root $here; limit_rate 2k; }
  }
}
CONF
exec "${NGINX:-nginx}" -e stderr -c "$here/nginx.conf" -g 'daemon off;'
