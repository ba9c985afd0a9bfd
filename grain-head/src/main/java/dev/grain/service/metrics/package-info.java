/** Numbers about a head, for Prometheus; none of them is about one job or one user. */
@NullMarked
package dev.grain.service.metrics;

import org.jspecify.annotations.NullMarked;
