package dev.grain.minion.file;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.file.Segment.Item;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of a queue. Each minion appends its own to a file. Those that were requeued are
 * listed by a file for each time, whose appearance is the moment at which they are.
 */
final class Letters {
  private static final String LETTERS = ".letters";
  private static final String REQUEUED = ".requeued";

  private final Folder folder;

  // those of this minion; only accessed by the thread of the queue
  private Disk.@Nullable Appender own;
  private String minion = "";
  private int count;

  Letters(Folder folder) {
    this.folder = folder;
  }

  /**
   * A letter.
   *
   * @param key what tells it from another one about the same item
   */
  private record Found(String key, DeadLetter letter) {}

  // ---------------------------------------------------------------- writing

  /** Adds a letter, which is on the disk when this returns. */
  void add(String by, String id, byte[] value, int deliveries, String reason) throws IOException {
    if (own == null || !by.equals(minion)) {
      close();
      minion = by;
      own = folder.disk().append(folder.letters().resolve(by + LETTERS));
    }
    byte[] letter = encode(by + "." + ++count, new DeadLetter(id, value, deliveries, reason));
    own.append(letter, true);
  }

  void close() throws IOException {
    if (own != null) {
      own.close();
      own = null;
    }
  }

  /** Its length comes first, so that one that is cut can be told. */
  private static byte[] encode(String key, DeadLetter letter) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(key);
      write(out, letter.id().getBytes(StandardCharsets.UTF_8));
      write(out, letter.value());
      out.writeInt(letter.count());
      write(out, letter.reason().getBytes(StandardCharsets.UTF_8));
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(all)) {
      write(out, bytes.toByteArray());
    }
    return all.toByteArray();
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  // ---------------------------------------------------------------- reading

  /** Passes on the letters that were not requeued. */
  void forEach(Consumer<DeadLetter> receiver) throws IOException {
    Set<String> items = new HashSet<>();
    forEachFound(found -> {
      if (items.add(found.letter().id())) {
        receiver.accept(found.letter());
      }
    });
  }

  /** Passes on the letters that were not requeued; there may be several about the same item. */
  private void forEachFound(Consumer<Found> receiver) throws IOException {
    Set<String> requeued = requeued();
    for (String name : sorted(LETTERS)) {
      for (Found found : read(name)) {
        if (!requeued.contains(found.key())) {
          receiver.accept(found);
        }
      }
    }
  }

  private List<Found> read(String name) throws IOException {
    List<Found> letters = new ArrayList<>();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes(name)));
    for (Found found = read(in); found != null; found = read(in)) {
      letters.add(found);
    }
    return letters;
  }

  /** Returns the next letter; null at the end, and at one that is cut. */
  private static @Nullable Found read(DataInputStream in) throws IOException {
    try {
      DataInputStream letter = new DataInputStream(new ByteArrayInputStream(readBytes(in)));
      String key = letter.readUTF();
      String id = new String(readBytes(letter), StandardCharsets.UTF_8);
      byte[] value = readBytes(letter);
      int deliveries = letter.readInt();
      String reason = new String(readBytes(letter), StandardCharsets.UTF_8);
      return new Found(key, new DeadLetter(id, value, deliveries, reason));
    } catch (EOFException e) {
      return null;
    }
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = in.readNBytes(Math.max(0, length));
    if (bytes.length != length) {
      throw new EOFException();
    }
    return bytes;
  }

  private List<String> sorted(String ending) throws IOException {
    return folder.disk().list(folder.letters()).stream()
        .filter(name -> name.endsWith(ending))
        .sorted()
        .toList();
  }

  private Set<String> requeued() throws IOException {
    Set<String> keys = new HashSet<>();
    for (String name : sorted(REQUEUED)) {
      keys.addAll(keys(name));
    }
    return keys;
  }

  private List<String> keys(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.UTF_8).lines().toList();
  }

  /** Returns nothing if the file was removed, because all in it was requeued. */
  private byte[] bytes(String name) throws IOException {
    try {
      return folder.disk().read(folder.letters().resolve(name), 0);
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }

  long count() throws IOException {
    Set<String> items = new HashSet<>();
    forEachFound(found -> items.add(found.letter().id()));
    return items.size();
  }

  // ---------------------------------------------------------------- requeuing

  /**
   * Puts the letters back into the queue as new items, and returns how many. Either all are, or
   * none, wherever it is killed; what is left to do then, the next minion does.
   *
   * @param operation a name that nothing ever had
   */
  long requeue(String operation) throws IOException {
    completeRequeues();
    removeRequeued();
    StringBuilder keys = new StringBuilder();
    List<DeadLetter> all = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    forEachFound(found -> {
      keys.append(found.key()).append('\n');
      if (ids.add(found.letter().id())) {
        all.add(found.letter());
      }
    });
    if (all.isEmpty()) {
      return 0;
    }
    int segments = 0;
    List<Item> items = new ArrayList<>();
    long bytes = 0;
    for (DeadLetter letter : all) {
      byte[] value = letter.value();
      items.add(new Item(letter.id(), value, 0, 0));
      bytes += value.length;
      if (items.size() >= Segment.MOST_ITEMS || bytes >= Segment.MOST_BYTES) {
        write(operation, ++segments, items);
        items.clear();
        bytes = 0;
      }
    }
    if (!items.isEmpty()) {
      write(operation, ++segments, items);
    }
    Path list = folder.unpublished().resolve(operation + REQUEUED);
    folder.disk().write(list, keys.toString().getBytes(StandardCharsets.UTF_8));
    folder.disk().rename(list, folder.letters().resolve(operation + REQUEUED));
    completeRequeues();
    removeRequeued();
    return all.size();
  }

  /**
   * Removes the letters of minions that are gone if all were requeued, and then the lists of what
   * was requeued of which no letter is there.
   */
  private void removeRequeued() throws IOException {
    Set<String> minions = new HashSet<>();
    List<Folder.Log> logs = new ArrayList<>();
    if (!folder.lists(logs)) {
      return;
    }
    logs.forEach(log -> minions.add(log.minion()));
    Set<String> requeued = requeued();
    Set<String> left = new HashSet<>();
    for (String name : sorted(LETTERS)) {
      String author = name.substring(0, name.length() - LETTERS.length());
      if (!minions.contains(author)
          && read(name).stream().allMatch(found -> requeued.contains(found.key()))) {
        folder.disk().delete(folder.letters().resolve(name));
      } else {
        left.add(author);
      }
    }
    for (String name : sorted(REQUEUED)) {
      String operation = name.substring(0, name.length() - REQUEUED.length());
      if (keys(name).stream().noneMatch(key -> left.contains(author(key)))
          && isComplete(operation)) {
        folder.disk().delete(folder.letters().resolve(name));
      }
    }
  }

  /** Returns whether all items were published that are to be. */
  private boolean isComplete(String operation) throws IOException {
    return folder.disk().list(folder.unpublished()).stream()
        .noneMatch(name -> name.startsWith(operation + "."));
  }

  private static String author(String key) {
    return key.substring(0, Math.max(0, key.lastIndexOf('.')));
  }

  private void write(String operation, int number, List<Item> items) throws IOException {
    folder
        .disk()
        .write(
            folder.unpublished().resolve(operation + "." + number + "." + items.size()),
            new Segment(items).encode());
  }

  /** Publishes the items of all letters that were requeued, if that was not done. */
  void completeRequeues() throws IOException {
    for (String name : folder.disk().list(folder.unpublished())) {
      String[] parts = name.split("\\.", -1);
      if (parts.length == 3
          && folder.disk().size(folder.letters().resolve(parts[0] + REQUEUED)) >= 0) {
        int number = Integer.parseInt(parts[1]);
        Marker marker =
            new Marker(
                "r" + parts[0] + "-" + number, Integer.parseInt(parts[2]), 0, parts[0], number);
        try {
          folder.disk().rename(folder.unpublished().resolve(name), folder.place(marker));
        } catch (NoSuchFileException e) {
          // somebody else has done so
        }
      }
    }
  }
}
