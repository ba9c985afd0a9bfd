/**
 * A job as data: what a job file, a request to a shared head and a program in Java all describe.
 *
 * <p>{@link dev.grain.spec.JobSpec} has everything that a job can be given. It consists of records
 * that can be compared, written and read; nothing here looks anything up or opens a file. {@link
 * dev.grain.JobOptions#of(dev.grain.spec.JobSpec)} turns it into what programs submit.
 */
package dev.grain.spec;
