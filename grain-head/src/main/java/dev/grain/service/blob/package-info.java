/**
 * What is too large for tables: blobs, each in a file that is named by the SHA-256 of its bytes.
 *
 * <p>{@link dev.grain.service.blob.Blobs} has the folder. A blob is written to a file beside, and
 * moved into place when all of it is on the disk and its hash is right, so whoever finds a blob
 * finds all of it. What was written of one stays when its {@link dev.grain.service.blob.Upload}
 * breaks off, or the head is killed, and a later upload goes on there. {@link
 * dev.grain.service.blob.BlobRetention} removes what no job names any more.
 */
@NullMarked
package dev.grain.service.blob;

import org.jspecify.annotations.NullMarked;
