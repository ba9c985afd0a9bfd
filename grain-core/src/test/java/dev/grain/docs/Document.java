package dev.grain.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Markdown file of the project.
 *
 * @param path where it is, from the root of the project
 * @param lines its lines
 */
record Document(Path path, List<String> lines) {
  /** The root of the project. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final Pattern FENCE = Pattern.compile("```(\\w*)");
  private static final Pattern DIRECTIVE = Pattern.compile("<!-- (\\w+) -->");

  /** Returns every document of the project, in the order of their names. */
  static List<Document> all() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      List<Document> documents = new ArrayList<>();
      for (Path file : Stream.concat(top, docs).sorted().toList()) {
        if (file.toString().endsWith(".md")) {
          documents.add(read(ROOT.relativize(file)));
        }
      }
      return documents;
    }
  }

  static Document read(Path path) throws IOException {
    return new Document(path, Files.readAllLines(ROOT.resolve(path)));
  }

  /**
   * A fenced block.
   *
   * @param language what stands after the opening fence
   * @param directive the word of the comment on the line before; empty if there is none
   * @param line the number of the opening fence, from 1
   * @param text what is between the fences
   * @param output the text block that follows with nothing but blank lines between; null if none
   */
  record Block(String language, String directive, int line, String text, @Nullable String output) {}

  /** Returns the blocks, with what follows a block of code as its output. */
  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    int previousEnd = -1;
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (!fence.matches()) {
        continue;
      }
      int end = i + 1;
      while (!lines.get(end).equals("```")) {
        end++;
      }
      String text = String.join("\n", lines.subList(i + 1, end));
      boolean follows = previousEnd >= 0 && isBlank(previousEnd + 1, i);
      if (fence.group(1).equals("text") && follows && !blocks.isEmpty()) {
        Block code = blocks.removeLast();
        blocks.add(new Block(code.language, code.directive, code.line, code.text, text));
        previousEnd = -1;
      } else {
        Matcher directive = DIRECTIVE.matcher(i == 0 ? "" : lines.get(i - 1));
        String word = directive.matches() ? directive.group(1) : "";
        blocks.add(new Block(fence.group(1), word, i + 1, text, null));
        previousEnd = end;
      }
      i = end;
    }
    return blocks;
  }

  private boolean isBlank(int from, int to) {
    return lines.subList(from, to).stream().allMatch(String::isBlank);
  }

  /** Returns the text without its fenced blocks, line by line; their lines are empty. */
  List<String> prose() {
    List<String> prose = new ArrayList<>();
    boolean inside = false;
    for (String line : lines) {
      boolean fence = FENCE.matcher(line).matches();
      prose.add(inside || fence ? "" : line);
      inside ^= fence;
    }
    return prose;
  }

  /** Returns the text between a heading and the next one, whatever its level. */
  List<String> section(String heading) {
    return prose().stream()
        .dropWhile(line -> !line.equals(heading))
        .skip(1)
        .takeWhile(line -> !line.startsWith("#"))
        .toList();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
