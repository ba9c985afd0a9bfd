/** Credentials that are kept at Amazon Web Services. */
@NullMarked
package dev.grain.aws;

import org.jspecify.annotations.NullMarked;
