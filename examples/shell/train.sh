#!/bin/sh
# A stand-in for a training script, for people who want to see Mainstem work in ten seconds: the loss
# follows from the settings, the noise from the seed. It knows nothing of Mainstem; it only prints.
set -eu
lr=$(cat settings/lr) clip=$(cat settings/clip) warmup=$(cat settings/warmup) depth=$(cat settings/depth)
if [ "$clip" = on ] && [ "$warmup" = long ]; then
    echo "clip needs a short warmup" >&2
    exit 7
fi

# In millionths. Noise: a sum of four uniform draws, the same on every machine for the same seed.
loss=3000000
[ "$lr" = high ] && loss=$((loss - 200000))
[ "$lr" = low ] && loss=$((loss + 300000))
[ "$clip" = on ] && loss=$((loss - 150000))
[ "$warmup" = long ] && loss=$((loss - 60000))
[ "$depth" -gt 4 ] && loss=$((loss - 250000))
state=$(($1 % 2147483647 + 1))
for draw in 1 2 3 4; do
    state=$((state * 48271 % 2147483647))
    loss=$((loss + state / 107374 - 10000))
done
printf 'final_loss: %d.%06d\nweights: %d\n' $((loss / 1000000)) $((loss % 1000000)) $((depth * 1000))
