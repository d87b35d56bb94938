#!/bin/sh
# Builds the shell stack as a git repository with five branches:  sh build.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir "$1"
cd "$1"
git init --quiet --initial-branch main
git config user.name "A. Researcher"
git config user.email researcher@example.org
mkdir settings
cp "$here/train.sh" .
echo normal >settings/lr
echo off >settings/clip
echo short >settings/warmup
echo 4 >settings/depth
git add .
git commit --quiet --message "A stack that only prints"

propose() { # BRANCH FILE VALUE
    git checkout --quiet -b "$1" main
    echo "$3" >"settings/$2"
    git commit --quiet --all --message "Try $1"
}
propose lr-high lr high
propose lr-low lr low
propose clip clip on
propose warmup-long warmup long
propose deeper depth 6
git checkout --quiet main
