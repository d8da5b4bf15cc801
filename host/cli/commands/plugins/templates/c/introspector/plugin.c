// Reads YUV4MPEG2: raw video behind one line of text, such as `YUV4MPEG2 W640 H360 F24000:1001`.

#include "introspector_plugin.h"

#include <stdlib.h>
#include <string.h>

typedef introspector_plugin_string_t text_t;
typedef exports_vpo_plugin_introspector_facts_t facts_t;
typedef exports_vpo_plugin_introspector_failure_t failure_t;

#define MAGIC "YUV4MPEG2 "
#define MAGIC_LENGTH (sizeof MAGIC - 1)

// Longer first lines are not to be believed.
#define LINE_MAX 512

static text_t copy(const char *text) {
  text_t copied;
  introspector_plugin_string_dup(&copied, text);
  return copied;
}

// Memory for a list; running out of it ends the call.
static void *list(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory) abort();
  return memory;
}

void exports_vpo_plugin_manifest_describe(exports_vpo_plugin_manifest_description_t *ret) {
  memset(ret, 0, sizeof *ret);
  ret->name = copy("{{name}}");
  ret->version = copy("0.1.0");
  ret->summary = copy("Reads YUV4MPEG2");
  ret->licence = copy("MIT OR Apache-2.0");
}

void exports_vpo_plugin_manifest_check(exports_vpo_plugin_manifest_list_node_t *options,
                                       exports_vpo_plugin_manifest_list_problem_t *ret) {
  exports_vpo_plugin_manifest_list_node_free(options);
  memset(ret, 0, sizeof *ret);
}

void exports_vpo_plugin_introspector_claim(exports_vpo_plugin_introspector_claims_t *ret) {
  memset(ret, 0, sizeof *ret);
  ret->extensions.ptr = list(1, sizeof *ret->extensions.ptr);
  ret->extensions.ptr[0] = copy("y4m");
  ret->extensions.len = 1;
  ret->magic.ptr = list(1, sizeof *ret->magic.ptr);
  ret->magic.ptr[0].bytes.ptr = list(MAGIC_LENGTH, 1);
  memcpy(ret->magic.ptr[0].bytes.ptr, MAGIC, MAGIC_LENGTH);
  ret->magic.ptr[0].bytes.len = MAGIC_LENGTH;
  ret->magic.len = 1;
}

// A number up to a character that is none; zero when there is none, or one too large to be believed.
static uint32_t number(const char **at, const char *end) {
  uint32_t value = 0;
  int digits = 0;
  for (; *at < end && **at >= '0' && **at <= '9'; (*at)++, digits++) value = value * 10 + (uint32_t)(**at - '0');
  return digits < 10 ? value : 0;
}

static bool failed(failure_t *err, uint8_t tag, const char *why) {
  memset(err, 0, sizeof *err);
  err->tag = tag;
  if (why) err->val.malformed = copy(why);
  return false;
}

// Parses the beginning of a file.
static bool parse(const char *bytes, size_t length, facts_t *ret, failure_t *err) {
  if (length < MAGIC_LENGTH || memcmp(bytes, MAGIC, MAGIC_LENGTH) != 0) {
    return failed(err, EXPORTS_VPO_PLUGIN_INTROSPECTOR_FAILURE_NOT_MINE, NULL);
  }
  const char *at = bytes + MAGIC_LENGTH;
  const char *end = memchr(at, '\n', length - MAGIC_LENGTH);
  if (!end) return failed(err, EXPORTS_VPO_PLUGIN_INTROSPECTOR_FAILURE_TRUNCATED, "the first line has no end");

  uint32_t width = 0, height = 0, numerator = 0, denominator = 0;
  while (at < end) {
    char letter = *at++;
    if (letter == 'W') width = number(&at, end);
    if (letter == 'H') height = number(&at, end);
    if (letter == 'F') {
      numerator = number(&at, end);
      if (at < end && *at == ':') at++;
      denominator = number(&at, end);
    }
    while (at < end && *at != ' ') at++;
    while (at < end && *at == ' ') at++;
  }
  if (width == 0 || height == 0) {
    const char *why = "the first line has no width or no height";
    return failed(err, EXPORTS_VPO_PLUGIN_INTROSPECTOR_FAILURE_MALFORMED, why);
  }

  // What is not set is absent or false.
  memset(ret, 0, sizeof *ret);
  ret->container = copy("yuv4mpeg2");
  vpo_plugin_facts_track_t *track = list(1, sizeof *track);
  ret->tracks.ptr = track;
  ret->tracks.len = 1;
  track->number = 1;
  track->addresses.ffmpeg.is_some = true;
  track->codec = copy("rawvideo");
  track->codec_id = copy("YUV4MPEG2");
  track->language.tag = copy("und");
  track->flags.default_ = true;
  track->flags.enabled = true;
  track->details.tag = VPO_PLUGIN_FACTS_TRACK_DETAILS_VIDEO;
  vpo_plugin_facts_video_t *video = &track->details.val.video;
  video->width = video->display_width = width;
  video->height = video->display_height = height;
  video->frame_rate.is_some = numerator != 0 && denominator != 0;
  video->frame_rate.val.numerator = numerator;
  video->frame_rate.val.denominator = denominator;
  return true;
}

// `media` is the one open file.
bool exports_vpo_plugin_introspector_read(exports_vpo_plugin_introspector_list_node_t *options,
                                          exports_vpo_plugin_introspector_borrow_media_t media, facts_t *ret,
                                          failure_t *err) {
  exports_vpo_plugin_introspector_list_node_free(options);
  introspector_plugin_list_u8_t bytes;
  vpo_plugin_source_read_error_t error;
  bool is_read = vpo_plugin_source_method_media_read_at(media, 0, LINE_MAX, &bytes, &error);
  bool is_fine;
  if (is_read) {
    is_fine = parse((const char *)bytes.ptr, bytes.len, ret, err);
    introspector_plugin_list_u8_free(&bytes);
  } else {
    vpo_plugin_source_read_error_free(&error);
    is_fine = failed(err, EXPORTS_VPO_PLUGIN_INTROSPECTOR_FAILURE_UNREADABLE, "its beginning cannot be read");
  }
  vpo_plugin_source_media_drop_borrow(media);
  return is_fine;
}
