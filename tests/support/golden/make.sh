#!/bin/sh
# Makes every <Message>.<name>.hex anew from <Message>.<name>.txtpb; needs protoc 3.21 or later.
set -eu
cd "$(dirname "$0")"
for text in *.txtpb; do
  message=${text%%.*}
  protoc --encode="chat.v1.$message" -I ../../../api/proto chat/v1/chat.proto <"$text" |
    od -An -v -tx1 | tr -d ' ' >"${text%.txtpb}.hex"
done
