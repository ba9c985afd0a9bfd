/**
 * The process of a head that many programs share. {@link dev.grain.service.HeadProcess} joins the
 * store, the blobs and the engine; {@link dev.grain.service.api.JobService} is what people and
 * programs do with jobs.
 */
@NullMarked
package dev.grain.service;

import org.jspecify.annotations.NullMarked;
