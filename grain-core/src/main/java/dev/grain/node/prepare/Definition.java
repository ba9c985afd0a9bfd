package dev.grain.node.prepare;

import dev.grain.bytes.Bytes;
import dev.grain.message.EnvironmentKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files that define an environment: the one that is named, and those that it includes.
 *
 * @param main the one that is named; absolute
 * @param files the contents of all by their absolute paths, that of the main file first
 * @param local what is to be installed from this machine: files and folders by absolute paths
 */
public record Definition(Path main, SequencedMap<Path, Bytes> files, List<Path> local) {
  private static final long MOST_BYTES = 16 << 20;

  private static final Pattern INCLUDED =
      Pattern.compile("(?:-r|--requirement|-c|--constraint)(?:\\s*=\\s*|\\s*)(\\S.*)");

  private static final Pattern EDITABLE =
      Pattern.compile("(?:-e|--editable)(?:\\s*=\\s*|\\s+)(.*)");
  private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*$");
  private static final Pattern CONTINUED = Pattern.compile("\\\\\\R");
  private static final Pattern ARCHIVE =
      Pattern.compile("(?s).*\\.(whl|zip|tar\\.gz|tgz|tar\\.bz2)");
  private static final Pattern NAMED =
      Pattern.compile("[\\w.-]+\\s*(?:\\[[^]]*])?\\s*@\\s*(\\S+).*");

  private static final Pattern LOCKED_SOURCE =
      Pattern.compile(
          "(?s)\\[package\\.source]\\s+type\\s*=\\s*\"(directory|file)\"\\s+url\\s*=\\s*\"([^\"]*)\"");

  private static final Pattern XML_COMMENT = Pattern.compile("(?s)<!--.*?-->");
  private static final Pattern PARENT = Pattern.compile("(?s)<parent>(.*?)</parent>");
  private static final Pattern RELATIVE_PATH =
      Pattern.compile("(?s)<relativePath\\s*(?:/>|>(.*?)</relativePath>)");

  /**
   * Reads the files.
   *
   * @param main the one that is named
   * @param base the folder that paths of what is to be installed are relative to
   * @throws PreparationException if one is missing, or refers to what cannot be told by its
   *     content; on any node
   */
  public static Definition read(EnvironmentKind kind, Path main, Path base)
      throws PreparationException {
    Path absolute = main.toAbsolutePath().normalize();
    Reading reading = new Reading(base.toAbsolutePath().normalize());
    String text = reading.add(absolute, null);
    switch (kind) {
      case VENV -> reading.requirements(absolute, text);
      case CONDA -> reading.conda(absolute, text);
      case POETRY -> reading.poetry(absolute);
      case MAVEN -> reading.parents(absolute, text);
      case SCRIPT -> {}
    }
    return new Definition(absolute, reading.files, reading.local);
  }

  /** Returns the deepest folder that has all files. */
  public Path root() {
    Path root = parent(main);
    for (Path each : files.keySet()) {
      while (!each.startsWith(root)) {
        root = parent(root);
      }
    }
    return root;
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  /** The search for what is included. */
  private static final class Reading {
    private final Path base;
    private final SequencedMap<Path, Bytes> files = new LinkedHashMap<>();
    private final List<Path> local = new ArrayList<>();
    private long bytes;

    Reading(Path base) {
      this.base = base;
    }

    /** Reads a file, and returns its text. */
    String add(Path file, @Nullable Path includedBy) throws PreparationException {
      String which =
          includedBy == null ? file.toString() : file + ", which " + includedBy + " names,";
      if (!Files.isRegularFile(file)) {
        throw PreparationException.everywhere(
            "The file %s %s. Correct its path."
                .formatted(which, Files.exists(file) ? "is no file" : "does not exist"));
      }
      try {
        bytes += Files.size(file);
        if (bytes > MOST_BYTES) {
          throw PreparationException.everywhere(
              "The files that define an environment have more than %s bytes with %s. Name another file."
                  .formatted(MOST_BYTES, file));
        }
        Bytes content = Bytes.of(Files.readAllBytes(file));
        files.put(file, content);
        return content.utf8();
      } catch (IOException e) {
        throw PreparationException.everywhere(
            "The file %s cannot be read (%s). Correct its permissions.".formatted(which, e));
      }
    }

    void requirements(Path file, String text) throws PreparationException {
      for (String raw : CONTINUED.matcher(text).replaceAll("").lines().toList()) {
        String line = COMMENT.matcher(raw).replaceAll("").strip();
        Matcher included = INCLUDED.matcher(line);
        Matcher editable = EDITABLE.matcher(line);
        if (included.matches()) {
          include(file, included.group(1).strip());
        } else if (editable.matches()) {
          if (!editable.group(1).contains("://")) {
            throw PreparationException.everywhere(
                "%s requires \"%s\", which refers to a folder rather than to its content. An environment is"
                        .formatted(file, line)
                    + " shared by jobs with different code: remove \""
                    + line.substring(0, editable.start(1)).strip()
                    + "\".");
          }
        } else if (!line.startsWith("-")) {
          requirement(line);
        }
      }
    }

    private void include(Path file, String name) throws PreparationException {
      if (name.contains("://")) {
        throw PreparationException.everywhere(
            "%s includes %s, whose content may change. Save it as a file beside it."
                .formatted(file, name.replaceAll("//[^/@]*@", "//")));
      }
      Path other = resolve(parent(file), name, file);
      if (!files.containsKey(other)) {
        requirements(other, add(other, file));
      }
    }

    /** Takes note of a requirement if it is a file or folder. */
    private void requirement(String line) throws PreparationException {
      Matcher named = NAMED.matcher(line);
      String word = named.matches() ? named.group(1) : line.split("[\\s;]", 2)[0];
      boolean file = word.startsWith("file:");
      String path = file ? word.replaceFirst("file:(//[^/]*)?", "") : word;
      int extras = path.indexOf('[');
      path = extras > 0 ? path.substring(0, extras) : path;
      boolean isPath =
          path.startsWith(".") || path.contains("/") || ARCHIVE.matcher(path).matches();
      if (file || (!path.isEmpty() && !path.contains("://") && isPath)) {
        addLocal(resolve(base, path, null));
      }
    }

    private void addLocal(Path path) {
      if (!local.contains(path)) {
        local.add(path);
      }
    }

    void conda(Path file, String text) throws PreparationException {
      for (String raw : text.lines().toList()) {
        String line = COMMENT.matcher(raw).replaceAll("").strip();
        String item =
            line.startsWith("- ") ? line.substring(2).strip().replaceAll("^[\"']|[\"']$", "") : "";
        if (INCLUDED.matcher(item).matches() || EDITABLE.matcher(item).matches()) {
          requirements(file, item);
        }
      }
    }

    void poetry(Path file) throws PreparationException {
      Path lock = parent(file).resolve("poetry.lock");
      if (!Files.exists(lock)) {
        throw PreparationException.everywhere(
            "There is no poetry.lock beside %s. Run \"poetry lock\" and keep both together."
                .formatted(file));
      }
      Matcher source = LOCKED_SOURCE.matcher(add(lock, file));
      while (source.find()) {
        addLocal(resolve(parent(file), source.group(2), lock));
      }
    }

    /** Adds the parents that are files, as Maven finds them. */
    void parents(Path pom, String text) throws PreparationException {
      Path child = pom;
      Matcher parent = PARENT.matcher(XML_COMMENT.matcher(text).replaceAll(""));
      while (parent.find()) {
        Matcher path = RELATIVE_PATH.matcher(parent.group(1));
        String name = path.find() ? String.valueOf(path.group(1)).strip() : "../pom.xml";
        Path file =
            name.equals("null") || name.isEmpty() ? null : resolve(parent(child), name, child);
        if (file != null && Files.isDirectory(file)) {
          file = file.resolve("pom.xml");
        }
        if (file == null || !Files.isRegularFile(file) || files.containsKey(file)) {
          return;
        }
        parent = PARENT.matcher(XML_COMMENT.matcher(add(file, child)).replaceAll(""));
        child = file;
      }
    }

    private static Path resolve(Path folder, String name, @Nullable Path namedBy)
        throws PreparationException {
      try {
        return folder.resolve(name).normalize();
      } catch (InvalidPathException e) {
        throw PreparationException.everywhere(
            "\"%s\"%s is no path.".formatted(name, namedBy == null ? "" : " in " + namedBy));
      }
    }
  }
}
