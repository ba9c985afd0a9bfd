package dev.grain.code;

import com.esotericsoftware.kryo.util.MapReferenceResolver;
import java.util.BitSet;

/**
 * Keeps shared references shared, and refuses those that would silently come out as null: a
 * reference back to an object that can only be built when all its parts are there.
 *
 * <p>Owned by the thread that has the engine.
 */
final class References extends MapReferenceResolver {
  private final boolean canonical;
  private final BitSet open = new BitSet();

  /**
   * Starts without any.
   *
   * @param canonical whether values are written each time, as it is unknown whether two of them are
   *     one object
   */
  References(boolean canonical) {
    this.canonical = canonical;
  }

  @Override
  @SuppressWarnings("rawtypes") // as in the superclass
  public boolean useReferences(Class type) {
    return super.useReferences(type) && !(canonical && Choice.isValue(type));
  }

  /**
   * Marks the object whose writing has just begun as one that is built last.
   *
   * @return to be handed to {@link #close}
   */
  int open() {
    int id = writtenObjects.size - 1;
    open.set(id);
    return id;
  }

  /** Ends what {@link #open} started. */
  void close(int id) {
    open.clear(id);
  }

  @Override
  public int getWrittenId(Object object) {
    int id = super.getWrittenId(object);
    if (id >= 0 && open.get(id)) {
      throw EncodingRefusal.ofCycle(object.getClass());
    }
    return id;
  }

  @Override
  @SuppressWarnings("rawtypes") // as in the interface
  public Object getReadObject(Class type, int id) {
    Object object = super.getReadObject(type, id);
    if (object == null) {
      throw EncodingRefusal.ofCycle(type);
    }
    return object;
  }

  @Override
  public void reset() {
    super.reset();
    open.clear();
  }
}
