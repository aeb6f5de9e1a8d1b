#!/usr/bin/env bash
# Makes .env beside this file (or the file that ENV_FILE names): secrets for compose.yaml, readable by you alone.
# What stands in it stays; what is missing is added. Run it as often as you like.
#   ./make_env.sh          your feeds: config/feeds.toml and config/wirecopy.toml, made if they are not there
#                          (another folder: CONFIG_FOLDER=/etc/wirecopy ./make_env.sh)
#   ./make_env.sh --demo   the demo newsroom: an invented news world of three days, the third of them today
set -euo pipefail
cd "$(dirname "$0")"
umask 077
env=${ENV_FILE:-.env}
[ "$#" = 0 ] || [ "$*" = --demo ] || { sed -n 2,7p "$0" >&2; exit 2; }

draft=$(mktemp "$env.XXXXXX")
trap 'rm -f "$draft"' EXIT
if [ -f "$env" ]; then cat "$env" > "$draft"; else echo "# Secrets of compose.yaml, made by make_env.sh. Keep it; never commit it." > "$draft"; fi
[ -z "$(tail -c 1 "$draft")" ] || echo >> "$draft"

has() { grep -q "^$1=." "$draft"; }
value() { sed -n "s/^$1=//p" "$draft" | tail -n 1; }
add() { has "$1" || printf '%s=%s\n' "$1" "$2" >> "$draft"; }
word() { head -c 96 /dev/urandom | base64 | tr -dc A-Za-z0-9 | cut -c "1-$1"; }
fernet() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }
midnight() { echo $(( ($(date -u +%s) / 86400 + 1) * 86400 )); }
instant() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ 2> /dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ; }

for name in POSTGRES_PASSWORD STATE_PASSWORD REDIS_PASSWORD JWT_SECRET API_SECRET_KEY; do add "$name" "$(word 40)"; done
add FERNET_KEY "$(fernet)"
add ADMIN_PASSWORD "$(word 16)"
add BUCKET_SECRET "$(word 40)" # of compose.bucket.yaml
if [ "${1:-}" = --demo ]; then
    add COMPOSE_PROFILES demo
    add CONFIG_FOLDER ./demo
    add NEWSROOM_ANCHOR "$(instant "$(midnight)")"
fi
[ -z "${CONFIG_FOLDER:-}" ] || add CONFIG_FOLDER "$CONFIG_FOLDER"
chmod 600 "$draft"
folder=$(value CONFIG_FOLDER)
folder=${folder:-./config}
login="admin / $(value ADMIN_PASSWORD)"
port=$(value AIRFLOW_PORT)
mv "$draft" "$env"

# The containers run as uid 50000 in group 0, another user than you. Headers and tokens of feeds may stand in feeds.toml:
# it is opened to that user, and to nobody else.
CONTAINER_UID=50000
open_to_containers() {
    if [ "$(id -u)" = 0 ]; then chgrp 0 "$1" && chmod u+rwX,g=rX,o= "$1"
    elif command -v setfacl > /dev/null; then setfacl -m "u:$CONTAINER_UID:rX" "$1"
    elif [ "$(uname)" = Linux ]; then
        echo "make_env.sh: $1 is readable by you alone, and the containers run as uid $CONTAINER_UID." >&2
        echo "  Install setfacl (package acl) and run this again, or: sudo chgrp 0 '$1' && sudo chmod u+rwX,g=rX,o= '$1'" >&2
    fi # elsewhere Docker reads files as you
}
if [ "$folder" != ./demo ]; then
    mkdir -p "$folder"
    feeds=$([ -f ../feeds.toml ] && echo ../feeds.toml || echo example/feeds.toml)
    [ -f "$folder/feeds.toml" ] || cp "$feeds" "$folder/feeds.toml"
    [ -f "$folder/wirecopy.toml" ] || cp example/wirecopy.toml "$folder/wirecopy.toml"
    for path in "$folder" "$folder"/*.toml; do
        chmod u+rwX,go= "$path"
        open_to_containers "$path"
    done
fi

echo "secrets  $env"
echo "feeds    $folder/feeds.toml, settings in $folder/wirecopy.toml"
echo "login    $login   at http://127.0.0.1:${port:-8080} after: docker compose up -d --wait"
