/**
 * The code of programs, named by its content: what a program consists of on the head, and loaders
 * for it on a worker that has nothing of the program.
 *
 * <p>A bundle is a list of jars. Its id is the SHA-256 of that list, and the list has the SHA-256
 * of each jar, so a bundle is the same wherever it is. On the head {@link
 * dev.grain.code.bundle.Bundles} finds what belongs to a bundle; on a worker {@link
 * dev.grain.code.bundle.BundleStore} fetches what is missing, keeps it on disk, and makes one
 * loader for each bundle. Nothing here knows how contents travel, or what functions and values are.
 */
package dev.grain.code.bundle;
