/** The names of images of containers, and the digests that registries have for them. */
package dev.grain.image;
