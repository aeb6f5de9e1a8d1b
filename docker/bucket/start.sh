#!/usr/bin/env bash
# Serves /data as S3 on port 8333, with the bucket BUCKET and one account; /tmp/ready is there once an object was taken.
set -euo pipefail
: "${BUCKET:?}" "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"
umask 077
rm -f /tmp/ready
printf '{"identities":[{"name":"wirecopy","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List","Tagging"]}]}' \
    "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" > /tmp/s3.json

make_bucket() { # through the filer, which listens inside of this container only
    until echo ready | curl -fsS -m 5 -F "file=@-;filename=ready" "http://127.0.0.1:8888/buckets/$BUCKET/" > /dev/null 2>&1; do sleep 0.5; done
    touch /tmp/ready
}
make_bucket &

# -master.telemetry: usage would be reported to the makers otherwise.
exec /opt/seaweedfs/bin/weed server -dir=/data -ip=127.0.0.1 -ip.bind=127.0.0.1 -filer -s3 -s3.ip.bind=0.0.0.0 \
    -s3.port=8333 -s3.config=/tmp/s3.json -s3.port.iceberg=0 -s3.port.lance=0 \
    -master.telemetry=false -master.volumeSizeLimitMB="${VOLUME_MB:-1024}" -volume.max=0
