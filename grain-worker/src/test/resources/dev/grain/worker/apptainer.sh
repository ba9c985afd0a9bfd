#!/bin/sh
# Does what "apptainer --quiet exec OPTION... IMAGE PROGRAM ARGUMENT..." does, as far as the tests go, for
# images that are folders: the mounts, the working directory and the variables of the container are real.
set -e
mounts= pwd=/ work=
[ "$1 $2" = "--quiet exec" ]
shift 2
while :; do
  case "$1" in
    --workdir) work=$2 && shift 2 ;;
    --pwd) pwd=$2 && shift 2 ;;
    --mount) mounts="$mounts$2
" && shift 2 ;;
    -*) shift ;;
    *) break ;;
  esac
done
image=$1
shift
if [ -z "$INSIDE" ]; then
  INSIDE=yes exec unshare --mount --propagation private "$0" --quiet exec \
    --workdir "$work" --pwd "$pwd" --mount "$mounts" "$image" "$@"
fi
mkdir -p "$work/tmp"
mount --bind "$work/tmp" "$image/tmp"
printf '%s' "$mounts" | while IFS= read -r mount; do
  [ -n "$mount" ] || continue
  source=${mount#*source=} source=${source%%,destination=*}
  target=${mount#*,destination=}
  place=$image${target%,ro}
  if [ -d "$source" ]; then
    mkdir -p "$place"
  else
    mkdir -p "${place%/*}" && touch "$place"
  fi
  mount --bind "$source" "$place"
  case "$target" in *,ro) mount -o remount,bind,ro "$place" ;; esac
done
set -- "$image/bin/busybox" chroot "$image" /bin/sh -c 'cd "$0" && exec "$@"' "$pwd" "$@"
for name in $(env | sed -n 's/^APPTAINERENV_\([A-Za-z0-9_]*\)=.*/\1/p'); do
  eval "value=\$APPTAINERENV_$name"
  set -- "$name=$value" "$@"
done
exec env -i PATH=/bin "$@"
