/**
 * What jobs print, in files.
 *
 * <p>{@link dev.grain.service.log.Logs} takes what arrives, never blocks, and has one thread write
 * it. The log of an attempt consists of {@code Segment}s, which are files of a few mebibytes: so
 * the middle of a long log is dropped by deleting files, while its start and its end stay. Output
 * is in records with checksums, in the order of arrival, so a {@link
 * dev.grain.service.log.LogReader} needs nothing but the files: it reads while they are written,
 * and stops before what a killed process has left half-written. A {@link
 * dev.grain.service.log.LogWatch} wakes who waits for more. {@link
 * dev.grain.service.log.LogRetention} removes the logs of jobs that are not stored any more.
 */
@NullMarked
package dev.grain.service.log;

import org.jspecify.annotations.NullMarked;
