# libsspi.so with its soname and links, and libsspi.a.
option(SSPI_STATIC "Build and install libsspi.a too" ON)
option(SSPI_SYMBOL_VERSIONS "Give the exported symbols the version SSPI_0, as distributions want" OFF)

set(soname "libsspi.so.0")
set(cargo_environment "LIBSSPI_SONAME=${soname}")
set(shared "libsspi.so.${PROJECT_VERSION}")
set(built "${SSPI_CARGO_TARGET_DIR}/release")
# What rustc says a program needs that links the static library.
set(native_libraries -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc)

set(links
  COMMAND ${CMAKE_COMMAND} -E create_symlink ${shared} "${CMAKE_CURRENT_BINARY_DIR}/${soname}"
  COMMAND ${CMAKE_COMMAND} -E create_symlink ${soname} "${CMAKE_CURRENT_BINARY_DIR}/libsspi.so")

if(SSPI_STATIC OR SSPI_SYMBOL_VERSIONS)
  cargo_library(sspi_static staticlib
    COMMAND ${CMAKE_COMMAND} -E copy "${built}/libsspi.a" "${CMAKE_CURRENT_BINARY_DIR}/libsspi.a")
endif()

if(SSPI_SYMBOL_VERSIONS)
  # rustc has a version script of its own and a linker takes one, so the archive is linked anew.
  list(JOIN symbols ";\n    " listed)
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/sspi.map"
    "SSPI_0 {\n  global:\n    ${listed};\n  local:\n    *;\n};\n")
  add_custom_target(sspi_shared ALL
    COMMAND "${CMAKE_C_COMPILER}" -shared -o "${CMAKE_CURRENT_BINARY_DIR}/${shared}"
            -Wl,--whole-archive "${CMAKE_CURRENT_BINARY_DIR}/libsspi.a" -Wl,--no-whole-archive
            "-Wl,--version-script=${CMAKE_CURRENT_BINARY_DIR}/sspi.map" "-Wl,-soname,${soname}"
            -Wl,-Bsymbolic -Wl,-z,nodelete,-z,relro,-z,now -Wl,--gc-sections ${native_libraries}
    ${links}
    DEPENDS sspi_static
    VERBATIM)
else()
  cargo_library(sspi_shared cdylib
    COMMAND ${CMAKE_COMMAND} -E copy "${built}/libsspi.so" "${CMAKE_CURRENT_BINARY_DIR}/${shared}"
    ${links})
  if(SSPI_STATIC)
    add_dependencies(sspi_shared sspi_static)
  endif()
endif()

set(library_to_link "${CMAKE_CURRENT_BINARY_DIR}/${shared}")
list(JOIN native_libraries " " SSPI_LIBS_PRIVATE)
configure_package_config_file(sspiConfig.cmake.in sspiConfig.cmake
  INSTALL_DESTINATION "${package_dir}"
  PATH_VARS CMAKE_INSTALL_LIBDIR SSPI_INCLUDEDIR)

install(PROGRAMS "${CMAKE_CURRENT_BINARY_DIR}/${shared}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${soname}" "${CMAKE_CURRENT_BINARY_DIR}/libsspi.so"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(SSPI_STATIC)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/libsspi.a" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
